import type { Outcome } from '../classify/outcome.js';
import { connect, unreachableOutcome, type ConnectedSocket, type ConnectOptions } from './connect.js';
import type { Timeouts } from './timeouts.js';
import {
  unexpectedInput,
  closeStream,
  abortStream,
  nextReply,
  openStream,
  writeText,
  type SmtpStream,
} from './smtp-stream.js';

/** A connection after EHLO and login, which can send messages. */
export type SmtpSession = {
  readonly stream: SmtpStream;
  /** Keywords of the server's extensions in upper case: PIPELINING, SMTPUTF8, … */
  readonly extensions: ReadonlySet<string>;
  readonly timeouts: Timeouts;
  /** How many messages may be sent over it. */
  readonly maxMessages: number;
  /** How many messages were begun on it. */
  messageCount: number;
  /** True until a message has ended on it or it was idle. */
  isNew: boolean;
};

/** Opens a session. An outcome says why that failed. */
export async function openSession(options: ConnectOptions): Promise<SmtpSession | Outcome> {
  const connected = await connect(options);
  return 'socket' in connected ? startSession(connected, options) : connected;
}

/** Sends QUIT (RFC 5321 section 4.1.1.10) and waits a second at most for the reply. */
export async function endSession({ stream, timeouts }: SmtpSession): Promise<void> {
  writeText(stream, 'QUIT\r\n');
  await nextReply(stream, Math.min(timeouts.command, 1000));
  closeStream(stream);
}

/** Whether the server replies to NOOP. If not, the connection is closed. */
export async function isAlive({ stream, timeouts }: SmtpSession): Promise<boolean> {
  writeText(stream, 'NOOP\r\n');
  const reply = await nextReply(stream, timeouts.command);
  const alive = reply.kind === 'reply' && reply.code === 250;
  if (!alive) closeStream(stream);
  return alive;
}

/** Whether another message may begin: not after `maxMessages`, nor after an unexpected reply or the end of the connection. */
export function isUsable({ stream, messageCount, maxMessages }: SmtpSession): boolean {
  return messageCount < maxMessages && unexpectedInput(stream) === undefined;
}

/**
 * Takes the socket over from Nodemailer, whose connection keeps only its listeners for the end of the socket. What Nodemailer
 * parsed of the reply to EHLO is private, so EHLO is sent again, which RFC 5321 section 4.1.4 allows at any time.
 */
async function startSession(
  { socket, name }: ConnectedSocket,
  { server, timeouts, abort }: ConnectOptions,
): Promise<SmtpSession | Outcome> {
  socket.removeAllListeners('data').setTimeout(0);
  const stream = openStream(socket, timeouts);
  const stop = () => abortStream(stream, 'Sending was stopped.');
  abort.addEventListener('abort', stop);
  writeText(stream, `EHLO ${name}\r\n`);
  const reply = await nextReply(stream, timeouts.command);
  abort.removeEventListener('abort', stop);
  if (reply.kind === 'lost') {
    if (abort.aborted) return { kind: 'not-sent', reply: reply.reason };
    return { kind: 'unreachable', reply: reply.reason };
  }
  if (reply.code === 421) {
    closeStream(stream);
    return unreachableOutcome(reply.code, reply.text);
  }
  return {
    stream,
    extensions: parseExtensions(reply.code, reply.text),
    timeouts,
    maxMessages: server.messagesPerConnection,
    messageCount: 0,
    isNew: true,
  };
}

/** The keywords, in all lines but the first (RFC 5321 section 4.1.1.1). A server that knows only HELO has none. */
function parseExtensions(code: number, text: string): Set<string> {
  const lines = code === 250 ? text.split('\n').slice(1) : [];
  return new Set(lines.map((line) => line.split(/[ =]/)[0] ?? '').map((keyword) => keyword.toUpperCase()));
}
