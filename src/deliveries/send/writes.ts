import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { MAX_RESENDS, subscriptionIdsOf, type AttemptKey, type BatchKey } from '../delivery.js';
import type { SkipReason } from '../skip-reason.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';

/** queued, deferred or uncertain -> sending, with the next attempt's number. Those that changed meanwhile are left out. */
export function markSending(
  tx: Tx,
  batch: BatchKey,
  transportId: number,
  rows: readonly (AttemptKey & { addressHash: Buffer })[],
  now: Date,
): Promise<AttemptKey[]> {
  return tx.many<AttemptKey>(sql`
    update deliveries d
       set state = 'sending',
           attempt = d.attempt + 1,
           resends = d.resends + (d.state = 'uncertain')::integer,
           transport_id = ${transportId},
           address_hash = chosen.address_hash,
           skip_reason = null,
           next_attempt_at = null,
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${byteaArrayLiteral(rows.map(({ addressHash }) => addressHash))}::bytea[]) as chosen (subscription_id, attempt, address_hash)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = chosen.subscription_id
       and d.attempt = chosen.attempt
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'claim')}::text[])
    returning d.subscription_id, d.attempt
  `);
}

/** queued or deferred -> skipped, for a reason; what the server said last stays beside it. */
export function markSkipped(
  tx: Tx,
  batch: BatchKey,
  rows: readonly (AttemptKey & { reason: SkipReason })[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set state = 'skipped',
           skip_reason = ineligible.reason,
           next_attempt_at = null,
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${arrayLiteral(rows.map(({ reason }) => reason))}::text[]) as ineligible (subscription_id, attempt, reason)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = ineligible.subscription_id
       and d.attempt = ineligible.attempt
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'skip')}::text[])
  `);
}

/** queued or deferred, and not before a moment. */
export function postpone(
  tx: Tx,
  batch: BatchKey,
  subscriptionIds: readonly string[],
  until: Date,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries
       set next_attempt_at = ${until},
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and state in ('queued', 'deferred')
  `);
}

/** Whoever it is for must not get a second copy: these stay uncertain, and are not sent again. */
export function stopResending(tx: Tx, batch: BatchKey, rows: readonly AttemptKey[]): Promise<number> {
  return tx.run(sql`
    update deliveries
       set resends = ${MAX_RESENDS}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and subscription_id = any(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[])
       and state = 'uncertain'
  `);
}
