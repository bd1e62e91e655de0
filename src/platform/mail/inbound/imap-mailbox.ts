import { ImapFlow } from 'imapflow';
import { MINUTE_MS, SECOND_MS } from '../../durations.js';
import { redactAddresses } from '../../text/redact.js';
import type { ImapAccount } from './imap-url.js';
import { MAX_INBOUND_BYTES } from './inbound-mail.js';
import type { MailboxFailure } from './mailboxes.js';

/** A mail in a mailbox. `isWhole`: false where it is larger than what is stored, and only its beginning was fetched. */
export type MailboxMail = { uid: number; raw: Buffer; isWhole: boolean };

/** A folder that is open, until the work on it ends. */
export type OpenMailbox = {
  /** As long as it is the same, a UID means the same mail (RFC 9051, section 2.3.1.1). */
  uidValidity: number;
  /** Of mails from this UID on, and from the server's date on where one is given; ascending. */
  listUids(from: number, since?: Date): Promise<number[]>;
  /** Of these, those that are larger than what is stored. */
  listLarge(uids: readonly number[]): Promise<number[]>;
  fetch(uids: readonly number[]): AsyncIterable<MailboxMail>;
  delete(uids: readonly number[]): Promise<void>;
};

/** A mailbox that cannot be read, in the words of its server, without addresses. */
export class MailboxError extends Error {
  constructor(
    readonly failure: MailboxFailure,
    readonly reason: string,
    cause: unknown,
  ) {
    super(reason, { cause });
  }
}

/** One look at a mailbox takes at most so long; the next one goes on where it ended. */
const MAX_SESSION_MS = 5 * MINUTE_MS;
const TIMEOUTS = {
  connectionTimeout: 20 * SECOND_MS,
  greetingTimeout: 20 * SECOND_MS,
  socketTimeout: MINUTE_MS,
};

/**
 * Opens the folder, works on it, and logs out. Nothing is marked as read.
 * @throws MailboxError for what the server or the way to it is to blame for; what `store` throws in the work as it is
 */
export async function withMailbox<Result>(
  account: ImapAccount,
  signal: AbortSignal,
  work: (mailbox: OpenMailbox) => Promise<Result>,
): Promise<Result> {
  const client = createClient(account);
  // Without a listener, an error of a connection that is idle would end the process.
  client.on('error', () => {});
  const close = () => client.close();
  const timer = setTimeout(close, MAX_SESSION_MS);
  signal.addEventListener('abort', close, { once: true });
  try {
    await blame('connection', () => client.connect());
    const { uidValidity } = await blame('folder', () => client.mailboxOpen(account.folder));
    const result = await work(toMailbox(client, Number(uidValidity)));
    await client.logout().catch(() => {});
    return result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', close);
    client.close();
  }
}

function createClient({ host, port, isSecure, isLocal, user, password }: ImapAccount): ImapFlow {
  return new ImapFlow({
    host,
    port,
    secure: isSecure,
    // A password goes over the network only through TLS.
    ...(isSecure || isLocal ? {} : { doSTARTTLS: true }),
    // As for mail servers: on this machine nobody can stand between, and certificates are often self-made.
    tls: { rejectUnauthorized: !isLocal },
    auth: { user, pass: password },
    disableAutoIdle: true,
    logger: false,
    maxLiteralSize: 2 * MAX_INBOUND_BYTES,
    ...TIMEOUTS,
  });
}

function toMailbox(client: ImapFlow, uidValidity: number): OpenMailbox {
  const byUid = { uid: true };
  return {
    uidValidity,
    listUids: async (from, since) => {
      const range = { uid: `${from}:*`, ...(since !== undefined && { since }) };
      const found = await blame('connection', () => client.search(range, byUid));
      if (!Array.isArray(found)) throw new MailboxError('connection', 'The server refused to search.', found);
      // A range up to * always has the last mail, whatever its UID (RFC 9051, section 9, seq-range).
      return found.filter((uid) => uid >= from).toSorted((one, other) => one - other);
    },
    fetch: async function* (uids) {
      const query = { uid: true, size: true, source: { maxLength: MAX_INBOUND_BYTES } };
      const mails = client.fetch(uids.join(','), query, byUid);
      for (;;) {
        const next = await blame('connection', () => mails.next());
        if (next.done === true) return;
        const { uid, source, size } = next.value;
        if (source !== undefined) yield { uid, raw: source, isWhole: (size ?? 0) <= source.length };
      }
    },
    listLarge: async (uids) => {
      const sizes = await blame('connection', () =>
        client.fetchAll(uids.join(','), { uid: true, size: true }, byUid),
      );
      return sizes.filter(({ size = 0 }) => size > MAX_INBOUND_BYTES).map(({ uid }) => uid);
    },
    delete: async (uids) => {
      await blame('connection', () => client.messageDelete(uids.join(','), byUid));
    },
  };
}

async function blame<Result>(failure: MailboxFailure, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MailboxError) throw error;
    throw new MailboxError(isLoginRefused(error) ? 'login' : failure, describe(error), error);
  }
}

function isLoginRefused(error: unknown): boolean {
  return error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true;
}

const MAX_REASON_LENGTH = 300;

/** What the server said, where it said anything. */
function describe(error: unknown): string {
  const {
    responseText,
    message = '',
    code = '',
  } = error as { responseText?: string; message?: string; code?: string };
  return redactAddresses(responseText ?? (message === '' ? code : message)).slice(0, MAX_REASON_LENGTH);
}
