import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport, type Transporter } from 'nodemailer';
import type { SendRequest } from '../message.js';
import type { Outcome } from '../classify/outcome.js';
import { SECOND_MS } from '../../durations.js';
import { createTransportPlugin, type PluginOptions } from './nodemailer-plugin.js';
import { parseSmtpUrls } from './smtp-url.js';
import { DEFAULT_TIMEOUTS_MS, type Timeouts } from './timeouts.js';
import type { TransportLimits, TransportSettings } from './smtp-url-parameters.js';

/** One server of SMTP_URL. */
export type Transport = {
  /** Host and port; no password. */
  name: string;
  /** Nothing is sent to it without TLS. */
  requiresTls: boolean;
  limits: TransportLimits;
  settings: TransportSettings;
  /** Sends one message to one reader. Resolves with what became of it; never rejects. */
  send(request: SendRequest): Promise<Outcome>;
  /**
   * Whether it takes addresses beyond ASCII before the @ (RFC 6531), by its last reply to EHLO; undefined before the first.
   */
  offersSmtpUtf8(): boolean | undefined;
  /** Undefined: we can connect and log in; otherwise why not. May take as long as `timeouts.greeting`. */
  findFault(): Promise<string | undefined>;
  /** Opens a connection of its own and says QUIT: a server that logs connections has logged something then. */
  visit(): Promise<void>;
  /** Closes every connection, after what is being sent, within limits. Messages in the queue are not sent. */
  close(): Promise<void>;
  /** For mail that Nodemailer composes: `sendMail` to one recipient. */
  nodemailer: Transporter;
};

/** All servers of SMTP_URL. The callers decide which server gets which message. */
export type Mailer = {
  transports: readonly [Transport, ...Transport[]];
  /**
   * Whether one of them takes addresses beyond ASCII before the @. They are asked, for 5 seconds at most, while none is known to.
   * Undefined: one that did not answer may.
   */
  offersSmtpUtf8(): Promise<boolean | undefined>;
  close(): Promise<void>;
};

/** Called when a server broke the protocol without harm to a message; `event` is a name for the log. */
export type OnProtocolWarning = (event: string, transport: string) => void;

/**
 * Makes a mailer for the servers of SMTP_URL, with at most `connections` to each.
 * @throws UserFacingError when the URL is wrong
 */
export function createMailer(options: {
  smtpUrl: string;
  connections: number;
  timeouts?: Partial<Timeouts>;
  onProtocolWarning?: OnProtocolWarning;
}): Mailer {
  const { connections, onProtocolWarning } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS_MS, ...options.timeouts };
  const [first, ...rest] = parseSmtpUrls(options.smtpUrl);
  const open = (server: typeof first) =>
    openTransport({
      server,
      connections,
      timeouts,
      onProtocolWarning: (event) => onProtocolWarning?.(event, server.name),
    });
  const transports = [open(first), ...rest.map(open)] as const;
  return {
    transports,
    offersSmtpUtf8: () => askForSmtpUtf8(transports),
    close: async () => void (await Promise.all(transports.map(({ close }) => close()))),
  };
}

/** Somebody waits for the answer. */
const ASK_TIMEOUT_MS = 5 * SECOND_MS;

async function askForSmtpUtf8(transports: readonly Transport[]): Promise<boolean | undefined> {
  const offers = () => transports.map(({ offersSmtpUtf8 }) => offersSmtpUtf8());
  if (!offers().includes(true)) {
    const asked = Promise.all(transports.map(({ findFault }) => findFault()));
    await Promise.race([asked, sleep(ASK_TIMEOUT_MS, undefined, { ref: false })]);
  }
  if (offers().includes(true)) return true;
  return offers().includes(undefined) ? undefined : false;
}

/** Nodemailer knows proxies: the plug-in opens its connections with Nodemailer's `getSocket`. */
function openTransport(options: PluginOptions): Transport {
  const { name, limits, settings, proxy, options: smtp } = options.server;
  const requiresTls = smtp.secure === true || smtp.requireTLS === true;
  const plugin = createTransportPlugin(options);
  const nodemailer = createTransport(plugin);
  if (proxy !== undefined) nodemailer.setupProxy(proxy);
  plugin.getSocket = nodemailer.getSocket || undefined;
  const { sendRequest: send, offersSmtpUtf8, findFault, visit, close } = plugin;
  return { name, requiresTls, limits, settings, send, offersSmtpUtf8, findFault, visit, close, nodemailer };
}
