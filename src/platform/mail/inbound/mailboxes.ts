import type { Db, Tx } from '../../db/database.js';
import { raw, sql } from '../../db/sql.js';

/** The login was refused, the folder is not there, or nothing answered as it should. */
export type MailboxFailure = 'login' | 'folder' | 'connection';

/** How far a mailbox has been read, and since when it cannot be. */
export type Mailbox = {
  /** Folder and host. */
  name: string;
  uidValidity: number | null;
  lastUid: number;
  readAt: Date | null;
  failingSince: Date | null;
  failure: MailboxFailure | null;
  failureReason: string | null;
};

/** What is told of one that cannot be read. */
export type FailingMailbox = Mailbox & { failingSince: Date; failure: MailboxFailure };

const columns = raw('name, uid_validity, last_uid, read_at, failing_since, failure, failure_reason');

export function findMailbox(db: Db | Tx, key: Buffer): Promise<Mailbox | undefined> {
  return db.maybe<Mailbox>(sql`select ${columns} from mailboxes where key = ${key}`);
}

/** Begins at the first mail of a mailbox that is new to us, or whose UIDs mean other mails than before. */
export async function startMailbox(
  tx: Tx,
  { key, name, uidValidity }: { key: Buffer; name: string; uidValidity: number },
): Promise<Mailbox> {
  return tx.one<Mailbox>(sql`
    insert into mailboxes (key, name, uid_validity)
    values (${key}, ${name}, ${uidValidity})
    on conflict (key) do update
       set last_uid = case when mailboxes.uid_validity = excluded.uid_validity then mailboxes.last_uid else 0 end,
           uid_validity = excluded.uid_validity
    returning ${columns}
  `);
}

/** All mails up to this UID are stored. Two readers at once may both say so: it never goes back. */
export function advanceMailbox(
  tx: Tx,
  { key, uidValidity, uid }: { key: Buffer; uidValidity: number; uid: number },
): Promise<number> {
  return tx.run(sql`
    update mailboxes
       set last_uid = ${uid}
     where key = ${key}
       and uid_validity = ${uidValidity}
       and last_uid < ${uid}
  `);
}

/** It was read to its end: what had failed is over. */
export function recordMailboxRead(db: Db | Tx, key: Buffer, now: Date): Promise<number> {
  return db.run(sql`
    update mailboxes
       set read_at = ${now},
           failing_since = null,
           failed_at = null,
           failure = null,
           failure_reason = null
     where key = ${key}
  `);
}

export async function recordMailboxFailure(
  db: Db | Tx,
  { key, name, failure, reason }: { key: Buffer; name: string; failure: MailboxFailure; reason: string },
  now: Date,
): Promise<void> {
  await db.run(sql`
    insert into mailboxes (key, name, failing_since, failed_at, failure, failure_reason)
    values (${key}, ${name}, ${now}, ${now}, ${failure}, ${reason})
    on conflict (key) do update
       set failing_since = coalesce(mailboxes.failing_since, excluded.failing_since),
           failed_at = excluded.failed_at,
           failure = excluded.failure,
           failure_reason = excluded.failure_reason
  `);
}

/** Those that a worker has tried in vain within the last minutes: what IMAP_URL named before concerns nobody. */
export function listFailingMailboxes(db: Db | Tx, now: Date): Promise<FailingMailbox[]> {
  return db.many<FailingMailbox>(sql`
    select ${columns}
      from mailboxes
     where failing_since is not null
       and failed_at > ${now}::timestamptz - interval '10 minutes'
     order by failing_since
  `);
}
