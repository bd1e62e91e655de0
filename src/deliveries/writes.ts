import type { Tx } from '../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../platform/db/array-literal.js';
import { sql } from '../platform/db/sql.js';
import { statesBefore } from '../platform/db/transitions.js';
import type { FinishedAttempt } from './attempt-result.js';
import { subscriptionIdsOf, type AttemptKey, type BatchKey } from './delivery.js';
import { DELIVERY_TRANSITIONS } from './transitions.js';

// Statements name the batch beside the rows: its index is the right one whatever the statistics say of a table that has
// just been filled.

/** sending -> how each attempt ended. A late reply resolves an uncertain delivery, if it is of the same attempt. */
export function recordResults(
  tx: Tx,
  batch: BatchKey,
  rows: readonly FinishedAttempt[],
  now: Date,
): Promise<number> {
  const results = rows.map(({ result }) => result);
  return tx.run(sql`
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
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'record')}::text[])
  `);
}

/** sending -> uncertain: these attempts, such as those of a dead worker, whose final dot may have gone out. */
export function markUncertain(
  tx: Tx,
  batch: BatchKey,
  rows: readonly AttemptKey[],
  now: Date,
  words = WORKER_STOPPED,
): Promise<number> {
  return tx.run(sql`
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
}

/** sending -> uncertain: whatever else a dead worker had of a batch, when nobody can know what went out. */
export function markAllUncertain(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'uncertain',
           answer = ${WORKER_STOPPED},
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = any(${statesBefore(DELIVERY_TRANSITIONS, 'lose')}::text[])
  `);
}

/** What is written into the rows of a dead worker, whose mails nobody can know about. */
export const WORKER_STOPPED = 'The worker stopped before the answer came.';

/** What is written into a row that does not take the mail server's reply. */
export const NOT_RECORDED = 'The answer of the mail server could not be recorded.';

/** sending -> queued: these attempts, whose final dot certainly did not go out. */
export function requeueSending(
  tx: Tx,
  batch: BatchKey,
  rows: readonly AttemptKey[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
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
}

/** sending -> queued: whatever else a dead worker had of a batch, when its journal proves that no final dot went out. */
export function requeueAllSending(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'queued',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = any(${statesBefore(DELIVERY_TRANSITIONS, 'requeue')}::text[])
  `);
}
