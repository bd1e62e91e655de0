import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { countMoved } from '../count-moved.js';
import { NOTICE_TRANSITIONS } from '../notices/transitions.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';
import { NOT_RECORDED, WORKER_STOPPED } from '../writes.js';

/** A notice of a dead worker; `isIntended`: its final dot may have gone out. */
export type DeadNotice = { id: string; publicationId: string; isIntended: boolean };

/** Those whose lease ran out before a moment. */
export function lockDeadNotices(
  tx: Tx,
  before: Date,
  { except, limit }: { except: readonly string[]; limit: number },
): Promise<DeadNotice[]> {
  return tx.many<DeadNotice>(sql`
    select id, publication_id, intent_at is not null as is_intended
      from notices
     where state = 'sending'
       and due_at is not null
       and leased_until < ${before}
       and id <> all(${[...except]}::uuid[])
     limit ${limit}
       for update skip locked
  `);
}

/** sending -> queued: these of a dead worker, whose final dot cannot have gone out. */
export function requeueDeadNotices(tx: Tx, ids: readonly string[], now: Date): Promise<number> {
  return tx.run(sql`
    update notices
       set state = 'queued',
           due_at = ${now},
           leased_until = null,
           updated_at = ${now}
     where id = any(${[...ids]}::uuid[])
       and state = any(${statesBefore(NOTICE_TRANSITIONS, 'requeue')}::text[])
  `);
}

/** sending -> uncertain: these of a dead worker, whose final dot may have gone out. */
export function markDeadNoticesUncertain(
  tx: Tx,
  ids: readonly string[],
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
     where id = any(${[...ids]}::uuid[])
       and state = any(${statesBefore(NOTICE_TRANSITIONS, 'lose')}::text[])
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

/**
 * sending -> uncertain: deliveries of one subscription, in digests of a publication that were made since a moment, that no worker
 * has any more. Their batches are due.
 */
export async function markForgottenUncertain(
  tx: Tx,
  { publicationId, subscriptionId }: { publicationId: string; subscriptionId: string },
  since: Date,
  now: Date,
): Promise<{ digestId: string; number: number }[]> {
  const lost = await tx.many<{ digestId: string; number: number }>(sql`
    update deliveries d
       set state = 'uncertain',
           answer = ${NOT_RECORDED},
           updated_at = ${now}
      from digests g
      join batches b on b.digest_id = g.id
     where g.publication_id = ${publicationId}
       and g.created_at >= ${since}
       and d.digest_id = g.id
       and d.subscription_id = ${subscriptionId}
       and d.batch = b.number
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'lose')}::text[])
       and b.leased_until is null
    returning d.digest_id, d.batch as number
  `);
  // One delivery a digest.
  for (const batch of lost) await countMoved(tx, batch, [{ from: 'sending', to: 'uncertain', count: 1 }]);
  return lost;
}
