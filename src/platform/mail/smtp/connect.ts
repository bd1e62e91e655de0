import type { Socket } from 'node:net';
import type { GetSocketHandler } from 'nodemailer/lib/mailer';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { classifyReply, type Outcome } from '../classify/outcome.js';
import type { SmtpServerAddress } from './smtp-url.js';
import type { Timeouts } from './timeouts.js';

/** A socket that is through with greeting, TLS and login, and the name under which we said EHLO. */
export type ConnectedSocket = { socket: Socket; name: string };

/** How to come to a server. `getSocket` leads through a proxy; `abort` gives up. */
export type ConnectOptions = {
  server: SmtpServerAddress;
  timeouts: Timeouts;
  abort: AbortSignal;
  getSocket: GetSocketHandler | undefined;
};

/** Nodemailer's error: what the server said, where it said something. */
type NodemailerError = Error & {
  code?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
};

/** Connect, secure and log in with Nodemailer. An outcome says why not: nobody answered, or the server does not want us. */
export async function connect(way: ConnectOptions): Promise<ConnectedSocket | Outcome> {
  try {
    return await connectAndLogIn(way, {
      ...way.server.options,
      ...connectionTimeouts(way.timeouts),
      ...(await openProxySocket(way)),
    });
  } catch (error) {
    return failureOutcome(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Nodemailer's connection timeout spans the greeting, so it may not be the shorter one. */
function connectionTimeouts({ greeting }: Timeouts): SMTPConnectionOptions {
  return {
    connectionTimeout: greeting,
    greetingTimeout: greeting,
    dnsTimeout: greeting,
    socketTimeout: greeting,
    socketCloseTimeout: 0,
  };
}

/** The socket a proxy has opened for us, as an option; no option when there is no proxy. */
function openProxySocket({ server: { options }, getSocket }: ConnectOptions): Promise<SMTPConnectionOptions> {
  if (getSocket === undefined) return Promise.resolve({});
  const target = { ...options, port: Number(options.port ?? (options.secure === true ? 465 : 587)) };
  return new Promise((resolve, reject) => {
    getSocket(target, (error, found) => (error === null ? resolve(found || {}) : reject(error)));
  });
}

function connectAndLogIn(
  { server, abort }: ConnectOptions,
  options: SMTPConnectionOptions,
): Promise<ConnectedSocket> {
  return new Promise((resolve, reject) => {
    const fail = (failure: NodemailerError) => {
      reject(failure);
      connection.close();
    };
    const stop = () => fail(new Error('Sending was stopped.'));
    const connection = new SMTPConnection({ ...options, logger: createEarlyBytesLogger(fail) });
    const done = (failure?: NodemailerError | null) => {
      abort.removeEventListener('abort', stop);
      if (failure) return fail(failure);
      if (connection._socket) resolve({ socket: connection._socket, name: connection.name });
    };
    abort.addEventListener('abort', stop);
    connection.on('error', done);
    connection.once('end', () => done(new Error('The server closed the connection.')));
    connection.connect((failure) => {
      if (failure !== undefined || server.auth === undefined) return done(failure);
      if (connection.allowsAuth || 'forceAuth' in options) connection.login(server.auth, done);
      else done();
    });
    if (abort.aborted) stop();
  });
}

/**
 * Bytes that came in clear text where TLS was to begin are somebody else's. Nodemailer discards them and tells only its
 * logger; we want nothing to do with such a connection. Of all else the logger is told nothing is kept.
 */
function createEarlyBytesLogger(fail: (failure: NodemailerError) => void) {
  return {
    warn: ({ discarded }: { discarded?: number }) => {
      if (discarded === undefined) return;
      // It goes on to TLS before it looks up again: closed any sooner, it would leave that and its timer behind.
      queueMicrotask(() => fail(new Error('The server sent something before TLS began.')));
    },
  };
}

function failureOutcome({ code, message, response, responseCode }: NodemailerError): Outcome {
  if (responseCode !== undefined) return classifyReply('connect', responseCode, response ?? '');
  return { kind: code === 'EAUTH' ? 'sender-fault' : 'not-sent', reply: message };
}
