import { connect, type Connected, type Way } from './connect.js';
import { classifyReply, type Outcome } from './outcome.js';
import type { Timeouts } from './timeouts.js';
import { disturbance, hangUp, lose, nextReply, openWire, write, type Wire } from './wire.js';

/** A connection that has said EHLO and logged in, ready for one message after the other. */
export type Session = {
  readonly wire: Wire;
  /** Keywords the server offers, upper case: PIPELINING, SMTPUTF8, … */
  readonly offers: ReadonlySet<string>;
  readonly timeouts: Timeouts;
  /** How many messages may go through it. */
  readonly capacity: number;
  /** How many have begun. */
  uses: number;
  /** It has neither ended a message nor been idle. */
  isNew: boolean;
};

/** An outcome instead of a session says why nothing can be sent. */
export async function openSession(way: Way): Promise<Session | Outcome> {
  const connected = await connect(way);
  return 'socket' in connected ? takeOver(connected, way) : connected;
}

/** QUIT is polite; its answer is not worth long waiting. */
export async function endSession({ wire, timeouts }: Session): Promise<void> {
  write(wire, 'QUIT\r\n');
  await nextReply(wire, Math.min(timeouts.command, 1000));
  hangUp(wire);
}

/** Does the server still answer? If not, the connection is given up. */
export async function isAlive({ wire, timeouts }: Session): Promise<boolean> {
  write(wire, 'NOOP\r\n');
  const reply = await nextReply(wire, timeouts.command);
  const answers = reply.kind === 'reply' && reply.code === 250;
  if (!answers) hangUp(wire);
  return answers;
}

/** May another message begin on it? Not when it has had its share, nor when the server spoke out of turn or hung up. */
export function isUsable({ wire, uses, capacity }: Session): boolean {
  return uses < capacity && disturbance(wire) === undefined;
}

/**
 * From here on the socket is ours. Nodemailer's connection keeps only its listeners for the end of the socket, which then
 * clear it away; what it has read of EHLO is its own, so we ask again (RFC 5321 section 4.1.4 allows it at any time).
 */
async function takeOver(
  { socket, name }: Connected,
  { server, timeouts, abort }: Way,
): Promise<Session | Outcome> {
  socket.removeAllListeners('data').setTimeout(0);
  const wire = openWire(socket, timeouts);
  const stop = () => lose(wire, 'Sending was stopped.');
  abort.addEventListener('abort', stop);
  write(wire, `EHLO ${name}\r\n`);
  const reply = await nextReply(wire, timeouts.command);
  abort.removeEventListener('abort', stop);
  if (reply.kind === 'lost') return { kind: 'not-sent', answer: reply.reason };
  if (reply.code === 421) {
    hangUp(wire);
    return classifyReply('connect', reply.code, reply.text);
  }
  const offers = offersIn(reply.code, reply.text);
  return { wire, offers, timeouts, capacity: server.messagesPerConnection, uses: 0, isNew: true };
}

/** The first line is the server's greeting. A server that knows only HELO offers nothing. */
function offersIn(code: number, text: string): Set<string> {
  const lines = code === 250 ? text.split('\n').slice(1) : [];
  return new Set(lines.map((line) => line.split(/[ =]/)[0] ?? '').map((keyword) => keyword.toUpperCase()));
}
