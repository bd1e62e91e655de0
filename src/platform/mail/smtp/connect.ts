import type { Socket } from 'node:net';
import type { GetSocketHandler } from 'nodemailer/lib/mailer';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { SECOND_MS } from '../../durations.js';
import type { Outcome } from '../classify/outcome.js';
import { parseReply } from '../classify/parse-reply.js';
import type { SmtpServerAddress } from './smtp-url.js';
import type { Timeouts } from './timeouts.js';

/** A socket after greeting, TLS and login, and our name in EHLO. */
export type ConnectedSocket = { socket: Socket; name: string };

/** `getSocket` opens a socket through a proxy; `abort` ends the attempt. */
export type ConnectOptions = {
  server: SmtpServerAddress;
  timeouts: Timeouts;
  abort: AbortSignal;
  getSocket: GetSocketHandler | undefined;
};

const STOPPED = 'Sending was stopped.';

/** An error of Nodemailer, with the server's reply if there was one. */
type NodemailerError = Error & {
  response?: string | undefined;
  responseCode?: number | undefined;
};

/** Connects, starts TLS and logs in, by Nodemailer. An outcome says why that failed. */
export async function connect(options: ConnectOptions): Promise<ConnectedSocket | Outcome> {
  try {
    return await connectAndLogIn(options, {
      ...options.server.options,
      ...connectionTimeouts(options.timeouts),
      ...(await openProxySocket(options)),
    });
  } catch (error) {
    if (options.abort.aborted) return { kind: 'not-sent', reply: STOPPED };
    return failureOutcome(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Nodemailer's connection timeout includes the greeting; `connectAndLogIn` limits the TCP connection alone. */
function connectionTimeouts({ connect: lookup, greeting }: Timeouts): SMTPConnectionOptions {
  return {
    connectionTimeout: greeting,
    greetingTimeout: greeting,
    dnsTimeout: lookup,
    socketTimeout: greeting,
    socketCloseTimeout: 0,
  };
}

/** Opens a socket through the proxy, as an option for Nodemailer; no option without a proxy. */
function openProxySocket({ server: { options }, getSocket }: ConnectOptions): Promise<SMTPConnectionOptions> {
  if (getSocket === undefined) return Promise.resolve({});
  const target = { ...options, port: Number(options.port ?? (options.secure === true ? 465 : 587)) };
  return new Promise((resolve, reject) => {
    getSocket(target, (error, socket) => (error === null ? resolve(socket || {}) : reject(error)));
  });
}

function connectAndLogIn(
  { server, abort, timeouts }: ConnectOptions,
  connectionOptions: SMTPConnectionOptions,
): Promise<ConnectedSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodemailerError) => {
      clearTimeout(connectTimer);
      reject(error);
      connection.close();
    };
    const stop = () => fail(new Error(STOPPED));
    const connection = new SMTPConnection({ ...connectionOptions, logger: createEarlyBytesLogger(fail) });
    const connectTimer = setTimeout(() => {
      if (!connection._socket || connection._socket.connecting)
        fail(new Error(`It did not answer within ${timeouts.connect / SECOND_MS} seconds.`));
    }, timeouts.connect);
    const done = (error?: NodemailerError | null) => {
      clearTimeout(connectTimer);
      abort.removeEventListener('abort', stop);
      if (error) return fail(error);
      if (connection._socket) resolve({ socket: connection._socket, name: connection.name });
    };
    abort.addEventListener('abort', stop);
    connection.on('error', done);
    connection.once('end', () => done(new Error('The server closed the connection.')));
    connection.connect((error) => {
      if (error !== undefined || server.auth === undefined) return done(error);
      if (connection.allowsAuth || 'forceAuth' in connectionOptions) connection.login(server.auth, done);
      else done();
    });
    if (abort.aborted) stop();
  });
}

/**
 * A logger that fails the connection when clear text came behind the reply to STARTTLS, which somebody else has injected
 * (CVE-2021-38371, https://nostarttls.secvuln.info): Nodemailer discards that text and only logs it. All other log messages are
 * ignored.
 */
function createEarlyBytesLogger(fail: (error: NodemailerError) => void) {
  return {
    warn: ({ discarded }: { discarded?: number }) => {
      if (discarded === undefined) return;
      // Nodemailer starts TLS during this call: closed before, the connection would leave that and its timer behind.
      queueMicrotask(() => fail(new Error('The server sent something before TLS began.')));
    },
  };
}

/** The outcome of a connection that the server refused. */
export function unreachableOutcome(code: number, text: string): Outcome {
  return { kind: 'unreachable', reply: parseReply(code, text).reply };
}

function failureOutcome({ message, response, responseCode }: NodemailerError): Outcome {
  if (responseCode !== undefined) return unreachableOutcome(responseCode, response ?? '');
  return { kind: 'unreachable', reply: message };
}
