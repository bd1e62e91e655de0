import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { countMoved } from '../count-moved.js';
import { MAX_RESENDS, type BatchKey } from '../delivery.js';
import { NOTICE_TRANSITIONS } from '../notices/transitions.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';

/** queued or deferred -> skipped: readers may have had these mails since the copy was made. */
export async function skipRestored(tx: Tx, batch: BatchKey, now: Date): Promise<void> {
  for (const from of statesBefore(DELIVERY_TRANSITIONS, 'skip')) {
    const count = await tx.run(sql`
      update deliveries
         set state = 'skipped',
             skip_reason = 'restored',
             next_attempt_at = null,
             updated_at = ${now}
       where digest_id = ${batch.digestId}
         and batch = ${batch.number}
         and state = ${from}
    `);
    await countMoved(tx, batch, [{ from, to: ['skipped', 'restored'], count }]);
  }
}

/** No worker has it: nothing is sent while mail is held, and the lease is one of the copy. */
export function endLease(tx: Tx, batch: BatchKey): Promise<number> {
  return tx.run(sql`
    update batches
       set lease_token = null,
           leased_until = null
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
  `);
}

/** Uncertain deliveries of a batch stay so, and are not sent again by themselves. */
export function stopResendingBatch(tx: Tx, batch: BatchKey): Promise<number> {
  return tx.run(sql`
    update deliveries
       set resends = ${MAX_RESENDS}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'uncertain'
  `);
}

/** queued or deferred -> skipped, what was being sent -> uncertain, which it stays: notices from before a moment. Alerts are about what is now. */
export async function skipNoticesBefore(tx: Tx, heldSince: Date, now: Date): Promise<void> {
  await tx.run(sql`
    update notices
       set state = 'skipped',
           skip_reason = 'restored',
           due_at = null,
           updated_at = ${now}
     where kind <> 'alert'
       and created_at <= ${heldSince}
       and state = any(${statesBefore(NOTICE_TRANSITIONS, 'skip')}::text[])
  `);
  await tx.run(sql`
    update notices
       set state = 'uncertain',
           due_at = null,
           leased_until = null
     where kind <> 'alert'
       and created_at <= ${heldSince}
       and state in ('sending', 'uncertain')
  `);
}

/** What is still to be sent has as long to arrive as when it was new. */
export function restartNoticeLifetimes(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    update notices
       set expires_at = greatest(expires_at, ${now}::timestamptz + (expires_at - created_at))
     where due_at is not null
       and kind <> 'alert'
  `);
}
