import { connect, type ConnectedSocket, type ConnectOptions } from './connect.js';
import { classifyReply, type Outcome } from '../classify/outcome.js';
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

/** A connection that has said EHLO and logged in, ready for one message after the other. */
export type SmtpSession = {
  readonly stream: SmtpStream;
  /** Keywords the server offers, upper case: PIPELINING, SMTPUTF8, … */
  readonly extensions: ReadonlySet<string>;
  readonly timeouts: Timeouts;
  /** How many messages may go through it. */
  readonly maxMessages: number;
  /** How many have begun. */
  messageCount: number;
  /** It has neither ended a message nor been idle. */
  isNew: boolean;
};

/** An outcome instead of a session says why nothing can be sent. */
export async function openSession(way: ConnectOptions): Promise<SmtpSession | Outcome> {
  const connected = await connect(way);
  return 'socket' in connected ? startSession(connected, way) : connected;
}

/** QUIT is polite; its answer is not worth long waiting. */
export async function endSession({ stream, timeouts }: SmtpSession): Promise<void> {
  writeText(stream, 'QUIT\r\n');
  await nextReply(stream, Math.min(timeouts.command, 1000));
  closeStream(stream);
}

/** Does the server still answer? If not, the connection is given up. */
export async function isAlive({ stream, timeouts }: SmtpSession): Promise<boolean> {
  writeText(stream, 'NOOP\r\n');
  const reply = await nextReply(stream, timeouts.command);
  const answers = reply.kind === 'reply' && reply.code === 250;
  if (!answers) closeStream(stream);
  return answers;
}

/** May another message begin on it? Not when it has had its share, nor when the server spoke out of turn or hung up. */
export function isUsable({ stream, messageCount, maxMessages }: SmtpSession): boolean {
  return messageCount < maxMessages && unexpectedInput(stream) === undefined;
}

/**
 * From here on the socket is ours. Nodemailer's connection keeps only its listeners for the end of the socket, which then
 * clear it away; what it has read of EHLO is its own, so we ask again (RFC 5321 section 4.1.4 allows it at any time).
 */
async function startSession(
  { socket, name }: ConnectedSocket,
  { server, timeouts, abort }: ConnectOptions,
): Promise<SmtpSession | Outcome> {
  socket.removeAllListeners('data').setTimeout(0);
  const wire = openStream(socket, timeouts);
  const stop = () => abortStream(wire, 'Sending was stopped.');
  abort.addEventListener('abort', stop);
  writeText(wire, `EHLO ${name}\r\n`);
  const reply = await nextReply(wire, timeouts.command);
  abort.removeEventListener('abort', stop);
  if (reply.kind === 'lost') return { kind: 'not-sent', reply: reply.reason };
  if (reply.code === 421) {
    closeStream(wire);
    return classifyReply('connect', reply.code, reply.text);
  }
  const offers = parseExtensions(reply.code, reply.text);
  return {
    stream: wire,
    extensions: offers,
    timeouts,
    maxMessages: server.messagesPerConnection,
    messageCount: 0,
    isNew: true,
  };
}

/** The first line is the server's greeting. A server that knows only HELO offers nothing. */
function parseExtensions(code: number, text: string): Set<string> {
  const lines = code === 250 ? text.split('\n').slice(1) : [];
  return new Set(lines.map((line) => line.split(/[ =]/)[0] ?? '').map((keyword) => keyword.toUpperCase()));
}
