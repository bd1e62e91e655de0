import type { Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import type { JobName, Payload } from './definitions.js';

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

/** Deletes jobs with these names that were enqueued up to a moment. */
export function deleteJobsBefore(tx: Tx, names: readonly JobName[], before: Date): Promise<number> {
  return tx.run(sql`delete from outbox where name = any(${[...names]}::text[]) and created_at <= ${before}`);
}
