import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { withHashJoins } from '../../platform/db/with-hash-joins.js';
import { countEach, countMoved } from '../count-moved.js';
import {
  MAX_RESENDS,
  subscriptionIdsOf,
  type AttemptKey,
  type BatchKey,
  type DeliveryState,
} from '../delivery.js';
import type { SkipReason } from '../skip-reason.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';

/** queued, deferred or uncertain -> sending, with the next attempt's number. Those that changed meanwhile are left out. */
export async function markSending(
  tx: Tx,
  batch: BatchKey,
  transportId: number,
  rows: readonly (AttemptKey & { state: DeliveryState; addressHash: Buffer })[],
  now: Date,
): Promise<AttemptKey[]> {
  const statement = sql`
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
                  ${arrayLiteral(rows.map(({ state }) => state))}::text[],
                  ${byteaArrayLiteral(rows.map(({ addressHash }) => addressHash))}::bytea[])
           as chosen (subscription_id, attempt, state, address_hash)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = chosen.subscription_id
       and d.attempt = chosen.attempt
       and d.state = chosen.state
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'claim')}::text[])
    returning d.subscription_id, d.attempt
  `;
  const marked = await withHashJoins(tx, () => tx.many<AttemptKey>(statement));
  const states = new Map(rows.map(({ subscriptionId, state }) => [subscriptionId, state]));
  await countMoved(
    tx,
    batch,
    countEach(marked, ({ subscriptionId }) => ({ from: states.get(subscriptionId), to: 'sending' })),
  );
  return marked;
}

/** queued or deferred -> skipped, for a reason; what the server said last stays beside it. */
export async function markSkipped(
  tx: Tx,
  batch: BatchKey,
  rows: readonly (AttemptKey & { state: DeliveryState; reason: SkipReason })[],
  now: Date,
): Promise<void> {
  const skipped = await tx.many<{ state: DeliveryState; reason: SkipReason }>(sql`
    update deliveries d
       set state = 'skipped',
           skip_reason = ineligible.reason,
           next_attempt_at = null,
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${arrayLiteral(rows.map(({ state }) => state))}::text[],
                  ${arrayLiteral(rows.map(({ reason }) => reason))}::text[])
           as ineligible (subscription_id, attempt, state, reason)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = ineligible.subscription_id
       and d.attempt = ineligible.attempt
       and d.state = ineligible.state
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'skip')}::text[])
    returning ineligible.state, ineligible.reason
  `);
  await countMoved(
    tx,
    batch,
    countEach(skipped, ({ state, reason }) => ({ from: state, to: ['skipped', reason] })),
  );
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
