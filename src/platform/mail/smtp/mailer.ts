import { createTransport, type Transporter } from 'nodemailer';
import type { SendRequest } from '../message.js';
import type { Outcome } from '../classify/outcome.js';
import { createTransportPlugin, type PluginOptions } from './nodemailer-plugin.js';
import { parseSmtpUrls } from './smtp-url.js';
import { DEFAULT_TIMEOUTS_MS, type Timeouts } from './timeouts.js';
import type { TransportLimits, TransportSettings } from './smtp-url-parameters.js';

/** One server of SMTP_URL. */
export type Transport = {
  /** Host and port; no password. */
  name: string;
  limits: TransportLimits;
  settings: TransportSettings;
  /** Sends one message to one reader. Resolves with what became of it; never rejects. */
  send(request: SendRequest): Promise<Outcome>;
  /** Undefined: we can connect and log in; otherwise why not. May take as long as `timeouts.greeting`. */
  findFault(): Promise<string | undefined>;
  /** Closes every connection, after what is being sent, within limits. Messages in the queue are not sent. */
  close(): Promise<void>;
  /** For mail that Nodemailer composes: `sendMail` to one recipient. */
  nodemailer: Transporter;
};

/** All servers of SMTP_URL. The callers decide which server gets which message. */
export type Mailer = {
  transports: readonly [Transport, ...Transport[]];
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
    close: async () => void (await Promise.all(transports.map(({ close }) => close()))),
  };
}

/** Nodemailer knows proxies: the plug-in opens its connections with Nodemailer's `getSocket`. */
function openTransport(options: PluginOptions): Transport {
  const { name, limits, settings, proxy } = options.server;
  const plugin = createTransportPlugin(options);
  const nodemailer = createTransport(plugin);
  if (proxy !== undefined) nodemailer.setupProxy(proxy);
  plugin.getSocket = nodemailer.getSocket || undefined;
  const { sendRequest: send, findFault, close } = plugin;
  return { name, limits, settings, send, findFault, close, nodemailer };
}
