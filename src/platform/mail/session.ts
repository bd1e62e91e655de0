import { addAbortSignal } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { classifyReply, type Outcome } from './outcome.js';
import type { SmtpServerAddress } from './smtp-url.js';
import type { Timeouts } from './timeouts.js';
import { disturbance, lose, nextReply, openWire, write, type Wire } from './wire.js';

/** A connection that has said EHLO and logged in, ready for one message after the other. */
export type Session = {
  readonly wire: Wire;
  /** Keywords the server offers, upper case: PIPELINING, SMTPUTF8, … */
  readonly offers: ReadonlySet<string>;
  readonly timeouts: Timeouts;
  /** How often it was taken in use, this time included. */
  uses: number;
};

/** Nodemailer's error: what the server said, where it said something. */
type Failure = Error & {
  code?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
};

/**
 * Connect, secure and log in with Nodemailer, then take the socket over. `abort` ends it at any time. An outcome instead
 * of a session says why nothing can be sent: nobody answered, or the server does not want us.
 */
export async function openSession(
  server: SmtpServerAddress,
  timeouts: Timeouts,
  abort: AbortSignal,
): Promise<Session | Outcome> {
  const connection = new SMTPConnection({ ...server.options, ...patience(timeouts), socketCloseTimeout: 0 });
  const failure = await untilReady(connection, server, abort);
  if (failure !== undefined) {
    connection.close();
    return refusedBy(failure);
  }
  return takeOver(connection, timeouts, abort);
}

/** QUIT is polite; its answer is not worth long waiting. */
export async function endSession({ wire, timeouts }: Session): Promise<void> {
  write(wire, 'QUIT\r\n');
  await nextReply(wire, Math.min(timeouts.command, 1000));
  lose(wire, 'We closed the connection.');
}

/** May another message begin on it? Not when the server spoke out of turn or hung up. */
export function isUsable({ wire }: Session): boolean {
  return disturbance(wire) === undefined;
}

/** Nodemailer's connection timeout spans the greeting, so it may not be the shorter one. */
function patience({ greeting }: Timeouts) {
  return {
    connectionTimeout: greeting,
    greetingTimeout: greeting,
    dnsTimeout: greeting,
    socketTimeout: greeting,
  };
}

/** Resolves with the failure, or with nothing once we are connected and logged in. */
function untilReady(
  connection: SMTPConnection,
  { options, auth }: SmtpServerAddress,
  abort: AbortSignal,
): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const done = (failure?: Failure | null) => resolve(failure ?? undefined);
    const stop = () => done(new Error('Sending was stopped.'));
    if (abort.aborted) stop();
    abort.addEventListener('abort', stop, { once: true });
    connection.once('end', () => abort.removeEventListener('abort', stop));
    connection.on('error', done);
    connection.once('end', () => done(new Error('The server closed the connection.')));
    connection.connect((failure) => {
      if (failure !== undefined || auth === undefined) return done(failure);
      if (connection.allowsAuth || 'forceAuth' in options) connection.login(auth, done);
      else done();
    });
  });
}

function refusedBy({ code, message, response, responseCode }: Failure): Outcome {
  if (responseCode !== undefined) return classifyReply('connect', responseCode, response ?? '');
  return { kind: code === 'EAUTH' ? 'sender-fault' : 'not-sent', answer: message };
}

/**
 * From here on the socket is ours. Nodemailer's connection keeps only its listeners for the end of the socket, which then
 * clear it away; what it has read of EHLO is its own, so we ask again (RFC 5321 section 4.1.4 allows it at any time).
 */
async function takeOver(
  connection: SMTPConnection,
  timeouts: Timeouts,
  abort: AbortSignal,
): Promise<Session | Outcome> {
  const socket = connection._socket;
  if (!socket) return { kind: 'not-sent', answer: 'The connection was closed.' };
  socket.removeAllListeners('data').setTimeout(0);
  const wire = openWire(addAbortSignal(abort, socket));
  write(wire, `EHLO ${connection.name}\r\n`);
  const reply = await nextReply(wire, timeouts.command);
  if (reply.kind === 'lost') return { kind: 'not-sent', answer: reply.reason };
  if (reply.code === 421) lose(wire, 'The server is closing.');
  if (reply.code === 421) return classifyReply('connect', reply.code, reply.text);
  return { wire, offers: offersIn(reply.code, reply.text), timeouts, uses: 0 };
}

/** The first line is the server's greeting. A server that knows only HELO offers nothing. */
function offersIn(code: number, text: string): Set<string> {
  const lines = code === 250 ? text.split('\n').slice(1) : [];
  return new Set(lines.map((line) => line.split(/[ =]/)[0] ?? '').map((keyword) => keyword.toUpperCase()));
}
