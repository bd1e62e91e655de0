import type { Tx } from '../platform/db/database.js';
import { arrayLiteral, byteaArrayLiteral, dateArrayLiteral } from '../platform/db/array-literal.js';
import { sql } from '../platform/db/sql.js';
import { MAX_RESENDS, type AttemptKey, type BatchKey, type AttemptResult } from './delivery.js';

// Statements name the batch beside the rows: its index is the right one whatever the statistics say of a table that has
// just been filled.

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
           next_attempt_at = null,
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${byteaArrayLiteral(rows.map(({ addressHash }) => addressHash))}::bytea[]) as chosen (subscription_id, attempt, address_hash)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = chosen.subscription_id
       and d.attempt = chosen.attempt
       and d.state in ('queued', 'deferred', 'uncertain')
    returning d.subscription_id, d.attempt
  `);
}

/** queued or deferred -> skipped, for a reason; what the server said last stays beside it. */
export function markSkipped(
  tx: Tx,
  batch: BatchKey,
  rows: readonly (AttemptKey & { reason: string })[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set state = 'skipped',
           answer = concat_ws(': ', unwanted.reason, d.answer),
           next_attempt_at = null,
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${arrayLiteral(rows.map(({ reason }) => reason))}::text[]) as unwanted (subscription_id, attempt, reason)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = unwanted.subscription_id
       and d.attempt = unwanted.attempt
       and d.state in ('queued', 'deferred')
  `);
}

/** Nobody wants a second copy of these: they stay uncertain, and are not sent again. */
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

/** sending -> how each attempt ended. A late answer resolves an uncertain delivery, if it is the same attempt. */
export function recordResults(
  tx: Tx,
  batch: BatchKey,
  rows: readonly (AttemptKey & { ending: AttemptResult })[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set state = ended.state,
           deferrals = d.deferrals + (ended.state = 'deferred')::integer,
           answer = ended.answer,
           next_attempt_at = ended.next_attempt_at,
           provider_message_id = ended.provider_message_id,
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${arrayLiteral(rows.map(({ ending }) => ending.state))}::text[],
                  ${arrayLiteral(rows.map(({ ending }) => ending.answer))}::text[],
                  ${dateArrayLiteral(rows.map(({ ending }) => ending.nextAttemptAt))}::timestamptz[],
                  ${arrayLiteral(rows.map(({ ending }) => ending.providerMessageId))}::text[])
           as ended (subscription_id, attempt, state, answer, next_attempt_at, provider_message_id)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = ended.subscription_id
       and d.attempt = ended.attempt
       and d.state in ('sending', 'uncertain')
  `);
}

/** A dead worker's deliveries whose dot may have gone out: those named, at these attempts. */
export function markUncertain(
  tx: Tx,
  batch: BatchKey,
  rows: readonly AttemptKey[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set state = 'uncertain',
           answer = ${WORKER_STOPPED},
           updated_at = ${now}
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[]) as intended (subscription_id, attempt)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = intended.subscription_id
       and d.attempt = intended.attempt
       and d.state = 'sending'
  `);
}

/** Whatever else a dead worker had of a batch: it may have gone out, and nobody can know. */
export function markAllUncertain(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'uncertain',
           answer = ${WORKER_STOPPED},
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'sending'
  `);
}

const WORKER_STOPPED = 'The worker stopped before the answer came.';

/** Whatever else a dead worker had of a batch: its journal proves that no dot went out. */
export function requeueAllSending(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'queued',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'sending'
  `);
}

function subscriptionIdsOf(rows: readonly AttemptKey[]): string[] {
  return rows.map(({ subscriptionId }) => subscriptionId);
}
