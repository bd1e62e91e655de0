import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { NOTICE_TRANSITIONS } from '../notices/transitions.js';
import { WORKER_STOPPED } from '../writes.js';

/** sending -> queued: notices of a dead worker whose final dot cannot have gone out. */
export function requeueDeadNotices(tx: Tx, before: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update notices
       set state = 'queued',
           due_at = ${now},
           leased_until = null,
           updated_at = ${now}
     where state = any(${statesBefore(NOTICE_TRANSITIONS, 'requeue')}::text[])
       and due_at is not null
       and leased_until < ${before}
       and intent_at is null
  `);
}

/** sending -> uncertain: notices of a dead worker whose final dot may have gone out. */
export function markDeadNoticesUncertain(
  tx: Tx,
  before: Date,
  dueAt: Date | null,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update notices
       set state = 'uncertain',
           answer = ${WORKER_STOPPED},
           due_at = ${dueAt},
           leased_until = null,
           updated_at = ${now}
     where state = any(${statesBefore(NOTICE_TRANSITIONS, 'lose')}::text[])
       and due_at is not null
       and leased_until < ${before}
       and intent_at is not null
  `);
}

/** Leases of batches and notices that run out only after this have run out. */
export async function endFarLeases(tx: Tx, after: Date, now: Date): Promise<void> {
  await tx.run(sql`
    update batches
       set leased_until = ${now}
     where leased_until > ${after}
  `);
  await tx.run(sql`
    update notices
       set leased_until = ${now}
     where due_at is not null
       and leased_until > ${after}
  `);
}

/** Batches and notices that are due only after this are due now. */
export async function makeFarWorkDue(tx: Tx, after: Date, now: Date): Promise<void> {
  await tx.run(sql`
    update deliveries d
       set next_attempt_at = ${now}
      from batches b
     where b.due_at > ${after}
       and d.digest_id = b.digest_id
       and d.batch = b.number
       and d.next_attempt_at > ${after}
  `);
  await tx.run(sql`
    update batches
       set due_at = ${now}
     where due_at > ${after}
  `);
  await tx.run(sql`
    update notices
       set due_at = ${now}
     where due_at > ${after}
  `);
}
