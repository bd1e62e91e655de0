import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import { MINUTE_MS, SECOND_MS } from '../durations.js';
import type { JobName, Payload } from './definitions.js';

/** A row that is about to be published. The queue carries its id alone: the row holds name and payload. */
export type ClaimedJob = { outboxId: number; publishCount: number; name: string };

/** A row whose handler is about to run. `dueAt`: when it is published again unless it is finished before. */
export type OutboxJob = { name: string; payload: unknown; publishCount: number; dueAt: Date };

/** A row that was published this long ago and is still here was lost on the way: it is published again. */
export const REPUBLISH_AFTER_MS = MINUTE_MS;

const MIN_BACKOFF_MS = SECOND_MS;
export const MAX_BACKOFF_MS = 10 * MINUTE_MS;

/** Enqueues a job in the caller's transaction: it runs at `dueAt` or later if the transaction commits, else never. */
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
 * Enqueues those that are not in the outbox already: for sweeps that look for missing wake-ups.
 * Two sweeps at once may both enqueue one; handlers may run twice.
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

/**
 * Claims up to `limit` due rows for publishing. One compare-and-set statement: two relays never get one row.
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

/** The queue did not take them: due again at `dueAt`, as if they had not been claimed. */
export async function unclaimJobs(db: Db, jobs: readonly ClaimedJob[], dueAt: Date): Promise<void> {
  const ids = jobs.map((job) => job.outboxId);
  await db.run(
    sql`update outbox set due_at = ${dueAt}, publish_count = publish_count - 1 where id = any(${ids})`,
  );
}

/** The queue lost what it held: everything published and not finished is due now. */
export function makeClaimedJobsDue(db: Db, now: Date): Promise<number> {
  const latest = addMs(now, REPUBLISH_AFTER_MS);
  return db.run(sql`
    update outbox set due_at = ${now} where publish_count > 0 and due_at > ${now} and due_at <= ${latest}
  `);
}

/** Undefined: it was published twice, and the other run has finished it. */
export function readJob(db: Db, id: number): Promise<OutboxJob | undefined> {
  return db.maybe<OutboxJob>(sql`select name, payload, publish_count, due_at from outbox where id = ${id}`);
}

/** Due in `waitMs`, not before: while its handler runs, so that no relay publishes it; after a failure, to try again. */
export async function postponeJob(db: Db, id: number, now: Date, waitMs: number): Promise<void> {
  await db.run(sql`update outbox set due_at = ${addMs(now, waitMs)} where id = ${id}`);
}

export async function deleteFinishedJob(db: Db, id: number): Promise<void> {
  await db.run(sql`delete from outbox where id = ${id}`);
}

/**
 * How long to wait after a failure, in milliseconds: doubling from 1 s to `maxMs`, of which the second half is random,
 * so that jobs that failed together do not come back together.
 * @param random between 0 and 1
 */
export function backoffMs(publishCount: number, maxMs = MAX_BACKOFF_MS, random = Math.random()): number {
  const wait = Math.min(maxMs, 2 * MIN_BACKOFF_MS * 2 ** (Math.max(1, publishCount) - 1));
  return Math.round(wait / 2 + (wait / 2) * random);
}

function addMs(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
