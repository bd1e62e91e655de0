import type { Db } from '../db/database.js';
import { sql } from '../db/sql.js';
import { MINUTE_MS, SECOND_MS } from '../durations.js';

/** A row whose handler is about to run. `dueAt`: when it is published again unless it is finished before. */
export type OutboxJob = {
  name: string;
  payload: unknown;
  publishCount: number;
  dueAt: Date;
  createdAt: Date;
};

const MIN_BACKOFF_MS = SECOND_MS;
export const MAX_BACKOFF_MS = 10 * MINUTE_MS;

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
  await db.run(sql`update outbox set due_at = ${new Date(now.getTime() + waitMs)} where id = ${id}`);
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
