import type { Socket } from 'node:net';
import type { GetSocketHandler } from 'nodemailer/lib/mailer';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { classifyReply } from '../classify/classify-reply.js';
import type { Outcome } from '../classify/outcome.js';
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

/** An error of Nodemailer, with the server's reply if there was one. */
type NodemailerError = Error & {
  code?: string | undefined;
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
    return failureOutcome(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Nodemailer's connection timeout includes the greeting, so it must not be shorter than the greeting's. */
function connectionTimeouts({ greeting }: Timeouts): SMTPConnectionOptions {
  return {
    connectionTimeout: greeting,
    greetingTimeout: greeting,
    dnsTimeout: greeting,
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
  { server, abort }: ConnectOptions,
  connectionOptions: SMTPConnectionOptions,
): Promise<ConnectedSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodemailerError) => {
      reject(error);
      connection.close();
    };
    const stop = () => fail(new Error('Sending was stopped.'));
    const connection = new SMTPConnection({ ...connectionOptions, logger: createEarlyBytesLogger(fail) });
    const done = (error?: NodemailerError | null) => {
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

function failureOutcome({ code, message, response, responseCode }: NodemailerError): Outcome {
  if (responseCode !== undefined) return classifyReply('connect', responseCode, response ?? '');
  if (code === 'EAUTH') return { kind: 'sender-fault', reply: message, isServerWide: true };
  return { kind: 'not-sent', reply: message };
}
