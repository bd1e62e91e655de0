import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { HOUR_MS, MINUTE_MS } from '../../durations.js';
import { createOutageLog } from '../../jobs/outage-log.js';
import type { Log } from '../../log.js';
import { MAX_INBOUND_BYTES, MAX_INBOUND_RECIPIENTS, type ReceivedMail } from './inbound-mail.js';
import { createNetworkCounter, type ListenerLimits, type NetworkCounter } from './listener-limits.js';

export type ListenerTls = { key: string; cert: string };

export type SmtpListener = { port: number; stop(): Promise<void> };

export type SmtpListenerOptions = {
  host: string;
  /** 0: any that is free. */
  port: number;
  /** What it calls itself. */
  name: string;
  /** Both as PEM, for STARTTLS. Asked for again each hour: certificates are renewed. */
  tls: () => ListenerTls;
  /** Whether mail to this address is taken; no other is, so that nothing is relayed or sent back. */
  isOurs: (address: string) => boolean;
  /** Resolves when the mail is committed. */
  store: (mail: ReceivedMail) => Promise<unknown>;
  log: Log;
  limits?: Partial<ListenerLimits>;
  /** In milliseconds, for tests; an hour where nothing is said. */
  renewTlsEveryMs?: number;
};

const LIMITS: ListenerLimits = {
  connections: 100,
  connectionsOfNetwork: 10,
  mailsPerMinute: 300,
  bytes: MAX_INBOUND_BYTES,
  bytesAtOnce: 64 * 1024 * 1024,
  recipients: MAX_INBOUND_RECIPIENTS,
  refusedRecipients: 20,
  connectionMs: 15 * MINUTE_MS,
  idleMs: 5 * MINUTE_MS,
};

/** How long mails under way may take after `stop`, in milliseconds. */
const STOP_GRACE_MS = 5_000;

/**
 * Listens for mail from other servers (RFC 5321). A recipient that is not ours is refused at RCPT with 550, and 250 after the
 * final dot means that the mail is stored: whatever cannot be stored now is answered 4xx, and its server keeps it.
 * @throws when the port is taken
 */
export async function startSmtpListener(options: SmtpListenerOptions): Promise<SmtpListener> {
  const limits = { ...LIMITS, ...options.limits };
  const networks = createNetworkCounter(limits);
  const server = createServer(options, limits, networks);
  server.server.on('connection', (socket) => {
    const { remoteAddress = '' } = socket;
    networks.open(remoteAddress);
    const timer = setTimeout(() => socket.destroy(), limits.connectionMs).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      networks.close(remoteAddress);
    });
  });
  await listen(server, options);
  // Clients that disconnect half-way do not concern the server.
  server.on('error', () => {});
  const renewal = setInterval(() => renewTls(server, options), options.renewTlsEveryMs ?? HOUR_MS).unref();
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => {
      clearInterval(renewal);
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** What cannot be read is told, and the certificate from before stays. */
function renewTls(server: SMTPServer, { tls, log }: SmtpListenerOptions): void {
  try {
    server.updateSecureContext({ ...tls(), minVersion: 'TLSv1.2' });
  } catch (error) {
    log.warn({ event: 'inbound.certificate-not-read', err: error });
  }
}

function createServer(
  { name, tls, isOurs, store, log }: SmtpListenerOptions,
  limits: ListenerLimits,
  networks: NetworkCounter,
): SMTPServer {
  const refused = new WeakMap<SMTPServerSession, number>();
  const outageLog = createOutageLog(log, 'inbound');
  const receive = createReceiver(limits);
  return new SMTPServer({
    name,
    ...tls(),
    minVersion: 'TLSv1.2',
    size: limits.bytes,
    maxClients: limits.connections,
    heloResponse: '%s',
    // Nobody logs in, and nobody is told which addresses there are.
    disabledCommands: ['AUTH', 'VRFY'],
    authOptional: true,
    disableReverseLookup: true, // no DNS queries
    socketTimeout: limits.idleMs,
    closeTimeout: STOP_GRACE_MS,
    logger: false,
    onConnect: ({ remoteAddress }, callback) => {
      if (networks.mayStay(remoteAddress)) return callback();
      callback(reply(421, '4.7.0 Too many connections, try again later'));
    },
    onMailFrom: (_address, { remoteAddress }, callback) => {
      if (networks.countMail(remoteAddress)) return callback();
      callback(reply(451, '4.7.1 Too many mails, try again later'));
    },
    onRcptTo: ({ address }, session, callback) => {
      const count = refused.get(session) ?? 0;
      if (count >= limits.refusedRecipients) return callback(reply(421, '4.7.0 Too many wrong recipients'));
      if (session.envelope.rcptTo.length >= limits.recipients)
        return callback(reply(452, '4.5.3 Too many recipients'));
      if (isOurs(address)) return callback();
      refused.set(session, count + 1);
      callback(reply(550, '5.1.1 There is no such address here'));
    },
    onData: (stream, session, callback) => {
      void receiveAndStore(stream, session).then(
        () => callback(null, 'OK: stored'),
        (error: unknown) => callback(toSmtpError(error)),
      );
    },
  });

  async function receiveAndStore(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const raw = await receive(stream);
    const { mailFrom, rcptTo } = session.envelope;
    const envelopeFrom = mailFrom === false ? '' : mailFrom.address;
    try {
      await store({ source: 'smtp', raw, envelopeFrom, envelopeTo: rcptTo.map(({ address }) => address) });
    } catch (error) {
      outageLog.recordFailure(error);
      throw error;
    }
    outageLog.recordSuccess();
  }
}

/** Reads mails to their ends. What is beyond a limit is read too, and thrown away: the answer comes after the final dot. */
function createReceiver({ bytes, bytesAtOnce }: ListenerLimits) {
  let held = 0;
  return async (stream: SMTPServerDataStream): Promise<Buffer> => {
    let chunks: Buffer[] = [];
    let size = 0;
    let refusal: Error | undefined;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (refusal !== undefined) continue;
        if (size + chunk.length > bytes) refusal = reply(552, '5.3.4 The mail is too large');
        else if (held + chunk.length > bytesAtOnce)
          refusal = reply(452, '4.3.1 Too much mail at once, try again later');
        if (refusal === undefined) {
          chunks.push(chunk);
          size += chunk.length;
          held += chunk.length;
        } else {
          chunks = [];
          held -= size;
          size = 0;
        }
      }
      if (refusal !== undefined) throw refusal;
      return Buffer.concat(chunks, size);
    } finally {
      held -= size;
    }
  };
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** Our own refusals have a code. Whatever else happened, such as a database that is away, may pass. */
function toSmtpError(error: unknown): Error {
  if (error instanceof Error && 'responseCode' in error) return error;
  return reply(451, '4.3.0 It could not be stored, try again later');
}

function listen(server: SMTPServer, { port, host }: SmtpListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
