import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import type { JobName, Payload } from './definitions.js';

/** A row handed to the queue: the queue carries only this, the row stays the truth. */
export type ClaimedJob = { outboxId: number; publishCount: number; name: string };

/** A row whose handler is about to run. `dueAt`: when it is offered again if nothing happens. */
export type OutboxJob = { name: string; payload: unknown; publishCount: number; dueAt: Date };

/** A row that was offered this long ago and is still here was lost on the way: it is offered again. */
export const REPUBLISH_AFTER_MS = 60_000;

const MIN_BACKOFF_MS = 1_000;
export const MAX_BACKOFF_MS = 10 * 60_000;

/** Promises a job in the caller's transaction: it runs at `dueAt` or later if the transaction commits, else never. */
export function enqueue<Name extends JobName>(
  tx: Tx,
  name: Name,
  payload: Payload<Name>,
  now: Date,
  dueAt: Date = now,
): Promise<void> {
  return enqueueAll(tx, name, [payload], now, dueAt);
}

/** Promises the same kind of job many times, in one statement. */
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
 * Promises those that nobody has promised yet: for sweeps that look for missing wake-ups.
 * Two sweeps at once may both promise one; handlers may run twice.
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

/** Whether such a job is waiting or running. Without a payload: any job of that name. */
export async function isJobEnqueued<Name extends JobName>(
  db: Pick<Db, 'maybe'>,
  name: Name,
  payload?: Payload<Name>,
): Promise<boolean> {
  const same = payload === undefined ? sql`` : sql`and payload = ${JSON.stringify(payload)}::jsonb`;
  return (await db.maybe(sql`select id from outbox where name = ${name} ${same} limit 1`)) !== undefined;
}

/**
 * Takes up to `limit` due rows for handing to the queue. One compare-and-set statement: two relays never get one row.
 * @param only the names to look for; all when absent
 */
export async function claimDueJobs(
  db: Db,
  now: Date,
  limit: number,
  { only, againMs = REPUBLISH_AFTER_MS }: { only?: readonly JobName[]; againMs?: number } = {},
): Promise<ClaimedJob[]> {
  const named = only === undefined ? sql`` : sql`and name = any(${only})`;
  const offers = await db.many<ClaimedJob>(sql`
    with due as materialized (
      select id from outbox where due_at <= ${now} ${named} order by due_at, id limit ${limit}
         for update skip locked
    )
    update outbox
       set publish_count = publish_count + 1, due_at = ${addMs(now, againMs)}
      from due
     where outbox.id = due.id
    returning outbox.id as outbox_id, publish_count, name
  `);
  return offers.sort((one, other) => one.outboxId - other.outboxId);
}

/** The queue did not take them: due again at `dueAt`, as if they had not been offered. */
export async function unclaimJobs(db: Db, offers: readonly ClaimedJob[], dueAt: Date): Promise<void> {
  const ids = offers.map((offer) => offer.outboxId);
  await db.run(
    sql`update outbox set due_at = ${dueAt}, publish_count = publish_count - 1 where id = any(${ids})`,
  );
}

/** The queue lost what it held: everything offered and not finished is due now. */
export function makeClaimedJobsDue(db: Db, now: Date): Promise<number> {
  const latest = addMs(now, REPUBLISH_AFTER_MS);
  return db.run(sql`
    update outbox set due_at = ${now} where publish_count > 0 and due_at > ${now} and due_at <= ${latest}
  `);
}

/** What was promised. Undefined: an earlier offer has finished it. */
export function readJob(db: Db, id: number): Promise<OutboxJob | undefined> {
  return db.maybe<OutboxJob>(sql`select name, payload, publish_count, due_at from outbox where id = ${id}`);
}

/** The handler is running: nobody is offered the row for another while. */
export async function extendClaim(
  db: Db,
  id: number,
  now: Date,
  againMs = REPUBLISH_AFTER_MS,
): Promise<void> {
  await db.run(sql`update outbox set due_at = ${addMs(now, againMs)} where id = ${id}`);
}

/** The handler has finished: the promise is kept. */
export async function deleteFinishedJob(db: Db, id: number): Promise<void> {
  await db.run(sql`delete from outbox where id = ${id}`);
}

/** The handler did not finish: the row stays and is due again after `waitMs`. */
export function retryLater(db: Db, id: number, now: Date, waitMs: number): Promise<void> {
  return extendClaim(db, id, now, waitMs);
}

/**
 * How long to wait after a failure, in milliseconds: doubling from 1 s to `longest`, of which the second half is
 * left to chance, so that what failed together does not come back together.
 * @param chance between 0 and 1
 */
export function backoffMs(offers: number, longest = MAX_BACKOFF_MS, chance = Math.random()): number {
  const wait = Math.min(longest, 2 * MIN_BACKOFF_MS * 2 ** (Math.max(1, offers) - 1));
  return Math.round(wait / 2 + (wait / 2) * chance);
}

function addMs(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
