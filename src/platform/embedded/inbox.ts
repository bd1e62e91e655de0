import type { AddressInfo } from 'node:net';
import PostalMime, { type Address, type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerEnvelope } from 'smtp-server';
import { hasErrorCode } from './files.js';
import {
  listMessageIds,
  openInboxFolder,
  readMessage,
  type InboxFolder,
  type StoredMessage,
} from './inbox-folder.js';

const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;

/** A message of the development inbox. `from` and `to` are those of its headers; `headers` are unfolded, in order. */
export type InboxMail = {
  id: string;
  receivedAt: Date;
  envelopeFrom: string;
  envelopeTo: string[];
  from: string;
  to: string;
  subject: string;
  html: string | undefined;
  text: string | undefined;
  headers: { name: string; value: string }[];
  raw: Buffer; // the bytes as the client sent them
};

/**
 * Starts a development inbox: an SMTP server on 127.0.0.1 that accepts every message up to 25 MB, with or without a login,
 * stores it in `dir` before it answers 250, and forwards nothing. It listens on `port` if that is free, otherwise, or without
 * `port`, on another. It offers SMTPUTF8 (RFC 6531) and 8BITMIME (RFC 6152), and no TLS.
 */
export async function startInbox(options: {
  dir: string;
  port?: number;
}): Promise<{ smtpUrl: string; stop(): Promise<void> }> {
  const folder = await openInboxFolder(options.dir);
  const server = createSmtpServer(folder);
  const port = await listen(server, options.port ?? 0);
  server.on('error', () => {}); // a client that disconnects half-way does not concern the server
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { smtpUrl: `smtp://127.0.0.1:${port}`, stop };
}

/** The newest messages, newest first. */
export async function listInbox(dir: string, limit: number): Promise<InboxMail[]> {
  const ids = (await listMessageIds(dir)).slice(0, limit);
  const mails = await Promise.all(ids.map((id) => readInboxMail(dir, id)));
  return mails.filter((mail) => mail !== undefined); // a message may have been deleted meanwhile, to make room for a newer one
}

/** Undefined when there is no such message, or `id` is not one that we made. */
export async function readInboxMail(dir: string, id: string): Promise<InboxMail | undefined> {
  const message = await readMessage(dir, id);
  return message === undefined ? undefined : toInboxMail(message, await parseMessage(message.raw));
}

function createSmtpServer(folder: InboxFolder): SMTPServer {
  return new SMTPServer({
    size: MAX_MESSAGE_BYTES,
    name: 'localhost',
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'], // clients would refuse a certificate that they cannot verify
    disableReverseLookup: true, // no DNS queries
    closeTimeout: 1_000, // milliseconds: mail clients keep idle connections open
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? 'anyone' }),
    onData: (stream, session, callback) => {
      storeMessage(folder, stream, session.envelope).then(
        (id) => callback(null, `OK: in the development inbox as ${id}`),
        (error: unknown) => callback(toSmtpError(error)),
      );
    },
  });
}

async function storeMessage(
  folder: InboxFolder,
  stream: SMTPServerDataStream,
  envelope: SMTPServerEnvelope,
): Promise<string> {
  const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
  const draft = await folder.begin({ from, to: envelope.rcptTo.map(({ address }) => address) });
  try {
    for await (const chunk of stream) await draft.write(chunk as Buffer);
    if (stream.sizeExceeded)
      throw Object.assign(new Error('Message is larger than 25 MB'), { responseCode: 552 });
    return await draft.store();
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** Our own refusals have an SMTP code. Any other error, such as a full disk, may pass: 451 (RFC 5321 section 4.2.3). */
function toSmtpError(error: unknown): Error {
  if (error instanceof Error && 'responseCode' in error) return error;
  return Object.assign(new Error('The message could not be stored, try again'), { responseCode: 451 });
}

async function listen(server: SMTPServer, port: number): Promise<number> {
  try {
    return await listenOn(server, port);
  } catch (error) {
    if (port === 0 || !hasErrorCode(error, 'EADDRINUSE')) throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: SMTPServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.server.address() as AddressInfo).port);
    });
  });
}

function toInboxMail({ id, receivedAt, envelope, raw }: StoredMessage, email: Email | undefined): InboxMail {
  return {
    id,
    receivedAt,
    envelopeFrom: envelope.from,
    envelopeTo: envelope.to,
    from: email?.from === undefined ? '' : formatAddress(email.from),
    to: (email?.to ?? []).map(formatAddress).join(', '),
    subject: email?.subject ?? '',
    html: email?.html,
    text: email?.text,
    headers: (email?.headers ?? []).map(({ originalKey, value }) => ({ name: originalKey, value })),
    raw,
  };
}

/** Undefined for a message that cannot be parsed, as with too many nested parts: it is listed with its bytes alone. */
async function parseMessage(raw: Buffer): Promise<Email | undefined> {
  return PostalMime.parse(raw).catch(() => undefined);
}

function formatAddress(address: Address): string {
  if (address.group !== undefined) return `${address.name}: ${address.group.map(formatAddress).join(', ')};`;
  return address.name === '' ? address.address : `${address.name} <${address.address}>`;
}
