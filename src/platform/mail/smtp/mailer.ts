import { createTransport, type Transporter } from 'nodemailer';
import type { SendRequest } from '../message.js';
import type { Outcome } from '../classify/outcome.js';
import { createTransportPlugin, type PluginOptions } from './nodemailer-plugin.js';
import { parseSmtpUrls } from './smtp-url.js';
import { DEFAULT_TIMEOUTS_MS, type Timeouts } from './timeouts.js';
import type { TransportLimits, TransportSettings } from './smtp-url-parameters.js';

/** One server of SMTP_URL. */
export type Transport = {
  /** Host and port, and nothing secret. */
  name: string;
  limits: TransportLimits;
  settings: TransportSettings;
  /** Sends one message to one reader. Resolves with what became of it; never rejects. */
  send(request: SendRequest): Promise<Outcome>;
  /** Does it let us in? */
  verify(): Promise<boolean>;
  /** Finishes what is being sent, within limits, and closes every connection. What waits in the queue is not sent. */
  close(): Promise<void>;
  /** For mail that Nodemailer composes: `sendMail` to one recipient. */
  nodemailer: Transporter;
};

/** All servers of SMTP_URL. Which of them gets which message is decided by the callers. */
export type Mailer = {
  transports: readonly [Transport, ...Transport[]];
  /** Does every server let us in? */
  verify(): Promise<boolean>;
  /** Close all transports. */
  close(): Promise<void>;
};

/** Called when a server did what it should not have done, without harm to any message; `event` is a name for the log. */
export type OnProtocolWarning = (event: string, transport: string) => void;

/**
 * A mailer for the servers of SMTP_URL, with at most `connections` open to each.
 * @throws one sentence when the URL is wrong
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
    verify: async () => (await Promise.all(transports.map(({ verify }) => verify()))).every(Boolean),
    close: async () => void (await Promise.all(transports.map(({ close }) => close()))),
  };
}

/** Nodemailer can connect through a proxy; the plug-in uses its `getSocket` whenever it opens a connection. */
function openTransport(options: PluginOptions): Transport {
  const { name, limits, settings, proxy } = options.server;
  const plugin = createTransportPlugin(options);
  const nodemailer = createTransport(plugin);
  if (proxy !== undefined) nodemailer.setupProxy(proxy);
  plugin.getSocket = nodemailer.getSocket || undefined;
  const verify = () => nodemailer.verify().catch(() => false);
  return { name, limits, settings, send: plugin.sendRequest, verify, close: plugin.close, nodemailer };
}
