import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import { MINUTE_MS } from '../durations.js';
import type { JobName } from './definitions.js';
import { MAX_BACKOFF_MS } from './outbox-job.js';

/** A row that is to be published. The queue gets only its id; name and payload are in the row. */
export type ClaimedJob = { outboxId: number; publishCount: number; name: string };

/** A row that is still there this long after it was published counts as lost by the queue, and is published again. */
export const REPUBLISH_AFTER_MS = MINUTE_MS;

/** Makes all jobs of some names due again that were published before a moment and are not finished. Handlers may run twice. */
export function republish(
  tx: Tx,
  names: readonly JobName[],
  publishedBefore: Date,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update outbox
       set due_at = ${now}
     where name = any(${[...names]}::text[])
       and publish_count > 0
       and due_at > ${now}
       and due_at <= ${new Date(publishedBefore.getTime() + REPUBLISH_AFTER_MS)}
  `);
}

/**
 * Claims up to `limit` due rows for publishing, in one compare-and-set statement, so that no two relays get the same row.
 * @param only the names to look for; all when absent
 * @param republishAfterMs when a claimed row is due again unless it is finished
 */
export async function claimDueJobs(
  db: Db,
  now: Date,
  limit: number,
  options: { only?: readonly JobName[]; republishAfterMs?: number } = {},
): Promise<ClaimedJob[]> {
  const { only, republishAfterMs = REPUBLISH_AFTER_MS } = options;
  const andNamed = only === undefined ? sql`` : sql`and name = any(${only})`;
  const jobs = await db.many<ClaimedJob>(sql`
    with due as materialized (
      select id from outbox where due_at <= ${now} ${andNamed} order by due_at, id limit ${limit}
         for update skip locked
    )
    update outbox
       set publish_count = publish_count + 1, due_at = ${addMs(now, republishAfterMs)}
      from due
     where outbox.id = due.id
    returning outbox.id as outbox_id, publish_count, name
  `);
  return jobs.sort((one, other) => one.outboxId - other.outboxId);
}

/** Gives back claimed rows that the queue did not take: they are due again at `dueAt`. */
export async function unclaimJobs(db: Db, jobs: readonly ClaimedJob[], dueAt: Date): Promise<void> {
  const ids = jobs.map((job) => job.outboxId);
  await db.run(
    sql`update outbox set due_at = ${dueAt}, publish_count = publish_count - 1 where id = any(${ids})`,
  );
}

/** After the queue lost its data: makes all rows due that were published and are not finished. Returns how many. */
export function makeClaimedJobsDue(db: Db, now: Date): Promise<number> {
  const latest = addMs(now, REPUBLISH_AFTER_MS);
  return db.run(sql`
    update outbox set due_at = ${now} where publish_count > 0 and due_at > ${now} and due_at <= ${latest}
  `);
}

/**
 * Jobs that a clock which had jumped ahead put off, or enqueued, are due now. Those that were never published may be meant for
 * a day far away, unless the very moment at which they were enqueued lies in the future.
 */
export function makeFarJobsDue(tx: Tx, now: Date): Promise<number> {
  const after = addMs(now, 2 * MAX_BACKOFF_MS);
  return tx.run(sql`
    update outbox
       set due_at = ${now}
     where due_at > ${after}
       and (publish_count > 0 or (created_at > ${after} and due_at <= created_at + interval '1 hour'))
  `);
}

function addMs(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
