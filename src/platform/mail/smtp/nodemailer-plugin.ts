import type { MailMessage, SentMessageInfo, Transport } from 'nodemailer/lib/mailer';
import type { ProtocolWarning } from './send-messages.js';
import { toWireContent, type Envelope, type SendRequest } from '../message.js';
import type { Outcome } from '../classify/outcome.js';
import { createSmtpPool } from './pool.js';
import { withEchoedId } from './echoed-id.js';
import { endSession, openSession } from './session.js';
import type { SmtpServerAddress } from './smtp-url.js';
import type { Timeouts } from './timeouts.js';

/**
 * A Nodemailer transport: `createTransport(plugin).sendMail(…)` composes a message and sends it, to one recipient.
 * `sendRequest` sends messages that are encoded already, and can be withdrawn before the final dot.
 */
export type TransportPlugin = Transport & {
  sendRequest(request: SendRequest): Promise<Outcome>;
  /** Whether the server offers SMTPUTF8 (RFC 6531), by its last reply to EHLO; undefined before the first. */
  offersSmtpUtf8(): boolean | undefined;
  /** Undefined: we can connect and log in; otherwise why not. */
  findFault(): Promise<string | undefined>;
  /** See `Transport`. */
  visit(): Promise<void>;
  /** As Nodemailer has it: with a callback, or with a promise that rejects. */
  verify(callback?: (error: Error | null, success?: true) => void): Promise<true>;
  close(): Promise<void>;
};

export type PluginOptions = {
  server: SmtpServerAddress;
  connections: number;
  timeouts: Timeouts;
  onProtocolWarning: (warning: ProtocolWarning) => void;
};

export function createTransportPlugin({
  server,
  connections,
  timeouts,
  onProtocolWarning,
}: PluginOptions): TransportPlugin {
  let offersSmtpUtf8: boolean | undefined;
  const open = async (abort: AbortSignal) => {
    const session = await openSession({ server, timeouts, abort, getSocket: plugin.getSocket });
    if ('stream' in session) offersSmtpUtf8 = session.extensions.has('SMTPUTF8');
    return session;
  };
  const pool = createSmtpPool({
    open,
    connections: Math.min(connections, server.connections ?? connections),
    domainConnections: server.domainConnections,
    timeouts,
    onProtocolWarning,
  });
  const { provider } = server.settings;
  const sendRequest = (request: SendRequest) => pool.send(withEchoedId(request, provider));
  const plugin: TransportPlugin = {
    name: 'Paperround SMTP',
    version: '1',
    sendRequest,
    offersSmtpUtf8: () => offersSmtpUtf8,
    findFault: pool.findFault,
    visit: async () => {
      const session = await open(AbortSignal.timeout(timeouts.greeting));
      if ('stream' in session) await endSession(session);
    },
    send: (mail, callback) => {
      sendComposed(sendRequest, mail).then((info) => callback(null, info), callback);
    },
    verify: (callback) => {
      const verified = pool.findFault().then(assertNoFault);
      if (callback !== undefined) void verified.then(() => callback(null, true), callback);
      return verified;
    },
    close: pool.close,
  };
  return plugin;
}

async function sendComposed(
  sendRequest: TransportPlugin['sendRequest'],
  { message }: MailMessage,
): Promise<SentMessageInfo> {
  const envelope = singleRecipient(message.getEnvelope());
  const content = toWireContent(await message.build());
  const outcome = await sendRequest({ message: () => ({ envelope, content }), beforeFinalDot: () => true });
  if (outcome.kind !== 'accepted') throw new NotAcceptedError(outcome);
  const { from, to } = envelope;
  return {
    envelope: { from, to: [to] },
    messageId: message.messageId(),
    accepted: [to],
    rejected: [],
    response: outcome.reply,
  };
}

function singleRecipient({ from, to }: { from: string | false; to: string[] }): Envelope {
  const [first, ...rest] = to;
  if (first === undefined || rest.length > 0)
    throw new Error(`A message goes to one recipient at a time, not to ${to.length}.`);
  return { from: from || '', to: first };
}

/** The error for Nodemailer's callers when the message was not, or not certainly, accepted. */
class NotAcceptedError extends Error {
  override name = 'NotAccepted';
  constructor(readonly outcome: Outcome) {
    super('reply' in outcome ? outcome.reply : 'The message was withdrawn.');
  }
}

function assertNoFault(fault: string | undefined): true {
  if (fault === undefined) return true;
  throw new Error(fault);
}
