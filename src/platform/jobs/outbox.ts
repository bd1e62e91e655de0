import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import { MINUTE_MS, SECOND_MS } from '../durations.js';
import type { JobName, Payload } from './definitions.js';

/** A row that is to be published. The queue gets only its id; name and payload are in the row. */
export type ClaimedJob = { outboxId: number; publishCount: number; name: string };

/** A row whose handler is about to run. `dueAt`: when it is published again unless it is finished before. */
export type OutboxJob = {
  name: string;
  payload: unknown;
  publishCount: number;
  dueAt: Date;
  createdAt: Date;
};

/** A row that is still there this long after it was published counts as lost by the queue, and is published again. */
export const REPUBLISH_AFTER_MS = MINUTE_MS;

const MIN_BACKOFF_MS = SECOND_MS;
export const MAX_BACKOFF_MS = 10 * MINUTE_MS;

/** Enqueues a job in the caller's transaction. If that commits, the job runs at `dueAt` or later; otherwise never. */
export function enqueue<Name extends JobName>(
  tx: Tx,
  name: Name,
  payload: Payload<Name>,
  now: Date,
  dueAt: Date = now,
): Promise<void> {
  return enqueueAll(tx, name, [payload], now, dueAt);
}

/** Enqueues one kind of job for many payloads, in one statement. */
export async function enqueueAll<Name extends JobName>(
  tx: Tx,
  name: Name,
  payloads: readonly Payload<Name>[],
  now: Date,
  dueAt: Date = now,
): Promise<void> {
  await tx.run(sql`
    insert into outbox (name, payload, due_at, created_at)
    select ${name}::text, payload, ${dueAt}::timestamptz, ${now}::timestamptz
      from jsonb_array_elements(${JSON.stringify(payloads)}::jsonb) as payload
  `);
}

/**
 * Enqueues the jobs that are not in the outbox already, for sweeps that look for missing ones. Two sweeps at once may both
 * enqueue a job, which then runs twice.
 * @returns how many were missing
 */
export function enqueueMissing<Name extends JobName>(
  tx: Tx,
  name: Name,
  payloads: readonly Payload<Name>[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into outbox (name, payload, due_at, created_at)
    select ${name}::text, payload, ${now}::timestamptz, ${now}::timestamptz
      from jsonb_array_elements(${JSON.stringify(payloads)}::jsonb) as payload
     where not exists (select from outbox where outbox.name = ${name} and outbox.payload = payload.value)
  `);
}

/** Makes all jobs of a name due again that were published before a moment and are not finished. Handlers may run twice. */
export function republish(tx: Tx, name: JobName, publishedBefore: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update outbox
       set due_at = ${now}
     where name = ${name}
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

/** Undefined: it was published twice, and the other run has finished it. */
export function readJob(db: Db, id: number): Promise<OutboxJob | undefined> {
  return db.maybe<OutboxJob>(
    sql`select name, payload, publish_count, due_at, created_at from outbox where id = ${id}`,
  );
}

/**
 * Makes a job due in `waitMs`: while its handler runs, so that no relay publishes it again, and to retry it after a
 * failure.
 */
export async function postponeJob(db: Db, id: number, now: Date, waitMs: number): Promise<void> {
  await db.run(sql`update outbox set due_at = ${addMs(now, waitMs)} where id = ${id}`);
}

/** Deletes jobs with these names that were enqueued up to a moment. */
export function deleteJobsBefore(tx: Tx, names: readonly JobName[], before: Date): Promise<number> {
  return tx.run(sql`delete from outbox where name = any(${[...names]}::text[]) and created_at <= ${before}`);
}

export async function deleteFinishedJob(db: Db, id: number): Promise<void> {
  await db.run(sql`delete from outbox where id = ${id}`);
}

/**
 * How long to wait after a failure, in milliseconds. It doubles from 1 s to `maxMs`; the second half is random, so that jobs
 * that failed together are not retried together.
 * @param random between 0 and 1
 */
export function backoffMs(publishCount: number, maxMs = MAX_BACKOFF_MS, random = Math.random()): number {
  const wait = Math.min(maxMs, 2 * MIN_BACKOFF_MS * 2 ** (Math.max(1, publishCount) - 1));
  return Math.round(wait / 2 + (wait / 2) * random);
}

function addMs(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
