import type { Tx } from '../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../platform/db/array-literal.js';
import { sql } from '../platform/db/sql.js';
import { withHashJoins } from '../platform/db/with-hash-joins.js';
import { statesBefore } from '../platform/db/transitions.js';
import type { FinishedAttempt } from './attempt-result.js';
import { countMoved } from './count-moved.js';
import { subscriptionIdsOf, type AttemptKey, type BatchKey } from './delivery.js';
import { DELIVERY_TRANSITIONS } from './transitions.js';

// Statements name the batch beside the rows: its index is the right one whatever the statistics say of a table that has
// just been filled. What they move is counted in the same transaction (`count-moved.ts`).

/** sending or uncertain -> how each attempt ended, of those in that state at that attempt. `recordResults` counts them. */
export function writeResults(
  tx: Tx,
  batch: BatchKey,
  rows: readonly FinishedAttempt[],
  from: 'sending' | 'uncertain',
  now: Date,
): Promise<number> {
  const results = rows.map(({ result }) => result);
  const statement = sql`
    update deliveries d
       set state = ended.state,
           deferrals = d.deferrals + (ended.state = 'deferred')::integer,
           skip_reason = ended.skip_reason,
           answer = ended.answer,
           next_attempt_at = ended.next_attempt_at,
           provider_message_id = ended.provider_message_id,
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${arrayLiteral(results.map(({ state }) => state))}::text[],
                  ${arrayLiteral(results.map(({ skipReason }) => skipReason))}::text[],
                  ${arrayLiteral(results.map(({ answer }) => answer))}::text[],
                  ${dateArrayLiteral(results.map(({ nextAttemptAt }) => nextAttemptAt))}::timestamptz[],
                  ${arrayLiteral(results.map(({ providerMessageId }) => providerMessageId))}::text[])
           as ended (subscription_id, attempt, state, skip_reason, answer, next_attempt_at, provider_message_id)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = ended.subscription_id
       and d.attempt = ended.attempt
       and d.state = ${from}
  `;
  return withHashJoins(tx, () => tx.run(statement));
}

/** sending -> uncertain: these attempts, such as those of a dead worker, whose final dot may have gone out. */
export async function markUncertain(
  tx: Tx,
  batch: BatchKey,
  rows: readonly AttemptKey[],
  now: Date,
  words = WORKER_STOPPED,
): Promise<number> {
  const count = await tx.run(sql`
    update deliveries d
       set state = 'uncertain',
           answer = ${words},
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[]) as intended (subscription_id, attempt)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = intended.subscription_id
       and d.attempt = intended.attempt
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'lose')}::text[])
  `);
  await countMoved(tx, batch, [{ from: 'sending', to: 'uncertain', count }]);
  return count;
}

/** sending -> uncertain: whatever else a dead worker had of a batch, when nobody can know what went out. */
export async function markAllUncertain(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  const count = await tx.run(sql`
    update deliveries
       set state = 'uncertain',
           answer = ${WORKER_STOPPED},
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = any(${statesBefore(DELIVERY_TRANSITIONS, 'lose')}::text[])
  `);
  await countMoved(tx, batch, [{ from: 'sending', to: 'uncertain', count }]);
  return count;
}

/** What is written into the rows of a dead worker, whose mails nobody can know about. */
export const WORKER_STOPPED = 'The worker stopped before the answer came.';

/** What is written into a row that does not take the mail server's reply. */
export const NOT_RECORDED = 'The answer of the mail server could not be recorded.';

/** sending -> queued: these attempts, whose final dot certainly did not go out. */
export async function requeueSending(
  tx: Tx,
  batch: BatchKey,
  rows: readonly AttemptKey[],
  now: Date,
): Promise<number> {
  const count = await tx.run(sql`
    update deliveries d
       set state = 'queued',
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[]) as unsent (subscription_id, attempt)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = unsent.subscription_id
       and d.attempt = unsent.attempt
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'requeue')}::text[])
  `);
  await countMoved(tx, batch, [{ from: 'sending', to: 'queued', count }]);
  return count;
}

/** sending -> queued: whatever else a dead worker had of a batch, when its journal proves that no final dot went out. */
export async function requeueAllSending(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  const count = await tx.run(sql`
    update deliveries
       set state = 'queued',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = any(${statesBefore(DELIVERY_TRANSITIONS, 'requeue')}::text[])
  `);
  await countMoved(tx, batch, [{ from: 'sending', to: 'queued', count }]);
  return count;
}
