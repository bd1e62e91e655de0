import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import { MOST_RESENDS, type Ending } from './delivery.js';

export function insertBatch(
  tx: Tx,
  batch: { digestId: string; number: number; dueAt: Date },
): Promise<number> {
  return tx.run(sql`
    insert into batches (digest_id, number, due_at)
    values (${batch.digestId}, ${batch.number}, ${batch.dueAt})
  `);
}

/** Queues deliveries, one per reader and digest; answers only those that were not there before. */
export function insertDeliveries(
  tx: Tx,
  planned: {
    digestId: string;
    batch: number;
    rows: readonly { subscriptionId: string; variantId: string }[];
  },
  now: Date,
): Promise<{ subscriptionId: string }[]> {
  return tx.many(sql`
    insert into deliveries (digest_id, batch, subscription_id, variant_id, state, updated_at)
    select ${planned.digestId}::uuid, ${planned.batch}::integer, subscription_id, variant_id, 'queued', ${now}::timestamptz
      from unnest(${planned.rows.map((row) => row.subscriptionId)}::uuid[],
                  ${planned.rows.map((row) => row.variantId)}::uuid[]) as planned (subscription_id, variant_id)
    on conflict (digest_id, subscription_id) do nothing
    returning subscription_id
  `);
}

/**
 * One worker at a time: undefined when there is nothing to do, or somebody else is doing it. A dead worker's lease is
 * not taken over here: only the sweep does that, because it also decides what becomes of the dead one's deliveries.
 */
export function leaseBatch(
  tx: Tx,
  batch: BatchKey,
  token: string,
  until: Date,
  now: Date,
): Promise<{ number: number } | undefined> {
  return tx.maybe(sql`
    update batches b
       set lease_token = ${token},
           leased_until = ${until}
      from digests g
     where b.digest_id = ${batch.digestId}
       and b.number = ${batch.number}
       and b.due_at <= ${now}
       and b.leased_until is null
       and g.id = b.digest_id
       and g.state = 'sending'
    returning b.number
  `);
}

/** Zero: the lease is not ours any more, or the digest was stopped. */
export function renewBatch(tx: Tx, batch: BatchKey, token: string, until: Date): Promise<number> {
  return tx.run(sql`
    update batches b
       set leased_until = ${until}
      from digests g
     where b.digest_id = ${batch.digestId}
       and b.number = ${batch.number}
       and b.lease_token = ${token}
       and g.id = b.digest_id
       and g.state = 'sending'
  `);
}

/** Gives the lease back and says when there is something to do again; null when every delivery is final. */
export function releaseBatch(tx: Tx, batch: BatchKey, token: string, dueAt: Date | null): Promise<number> {
  return tx.run(sql`
    update batches
       set lease_token = null,
           leased_until = null,
           due_at = ${dueAt}
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and lease_token = ${token}
  `);
}

export type BatchKey = { digestId: string; number: number };

export type Claimed = { digestId: string; subscriptionId: string; variantId: string; attempt: number };

/** queued or deferred (its time has come) -> sending, with the next attempt's number; what was tried least goes first. */
export function claimDeliveries(tx: Tx, batch: BatchKey, limit: number, now: Date): Promise<Claimed[]> {
  return tx.many<Claimed>(sql`
    with due as (
      select digest_id, subscription_id
        from deliveries
       where digest_id = ${batch.digestId}
         and batch = ${batch.number}
         and (state = 'queued' or (state = 'deferred' and next_attempt_at <= ${now}))
       order by attempt, subscription_id
       limit ${limit}
         for update
    )
    update deliveries d
       set state = 'sending',
           attempt = attempt + 1,
           intent_at = null,
           next_attempt_at = null,
           updated_at = ${now}
      from due
     where d.digest_id = due.digest_id
       and d.subscription_id = due.subscription_id
    returning d.digest_id, d.subscription_id, d.variant_id, d.attempt
  `);
}

/** uncertain (its intent is older than `before`) -> sending once more, though it may have arrived. */
export function claimDoubtful(
  tx: Tx,
  batch: BatchKey,
  limit: number,
  before: Date,
  now: Date,
): Promise<Claimed[]> {
  return tx.many<Claimed>(sql`
    with due as (
      select digest_id, subscription_id
        from deliveries
       where digest_id = ${batch.digestId}
         and batch = ${batch.number}
         and state = 'uncertain'
         and intent_at <= ${before}
         and resends < ${MOST_RESENDS}
       order by attempt, subscription_id
       limit ${limit}
         for update
    )
    update deliveries d
       set state = 'sending',
           attempt = attempt + 1,
           resends = resends + 1,
           intent_at = null,
           updated_at = ${now}
      from due
     where d.digest_id = due.digest_id
       and d.subscription_id = due.subscription_id
    returning d.digest_id, d.subscription_id, d.variant_id, d.attempt
  `);
}

/**
 * Says in the ledger that the final dot is about to go out. Zero: it must not, because this attempt is not ours any
 * more, she left, or the digest was stopped. This is the last look before the mail is out of our hands.
 */
export function markIntent(tx: Tx, row: Claimed, addressHash: Buffer, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set intent_at = ${now},
           address_hash = ${addressHash}
      from subscriptions s, digests g
     where d.digest_id = ${row.digestId}
       and d.subscription_id = ${row.subscriptionId}
       and d.state = 'sending'
       and d.attempt = ${row.attempt}
       and s.id = d.subscription_id
       and s.status = 'confirmed'
       and g.id = d.digest_id
       and g.state = 'sending'
  `);
}

/** sending -> how the attempt ended. A late answer resolves an uncertain delivery, if it is the same attempt. */
export function recordEnding(tx: Tx, row: Claimed, ending: Ending, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = ${ending.state},
           answer = ${ending.answer},
           next_attempt_at = ${ending.nextAttemptAt},
           provider_message_id = ${ending.providerMessageId},
           updated_at = ${now}
     where digest_id = ${row.digestId}
       and subscription_id = ${row.subscriptionId}
       and attempt = ${row.attempt}
       and state in ('sending', 'uncertain')
  `);
}

/** What is left to do in a batch. */
export function readRest(
  tx: Tx,
  batch: BatchKey,
): Promise<{ queued: number; nextAttemptAt: Date | null; intentAt: Date | null }> {
  return tx.one(sql`
    select count(*) filter (where state = 'queued') as queued,
           min(next_attempt_at) filter (where state = 'deferred') as next_attempt_at,
           min(intent_at) filter (where state = 'uncertain' and resends < ${MOST_RESENDS}) as intent_at
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
  `);
}

/** A dead worker's deliveries whose dot cannot have gone out: the fence keeps it from going out now. */
export function requeueWithoutIntent(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'queued',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'sending'
       and intent_at is null
  `);
}

/** A dead worker's deliveries whose dot may have gone out. */
export function doubtWithIntent(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'uncertain',
           answer = 'The worker stopped before the answer came.',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'sending'
       and intent_at is not null
  `);
}

/** Frees a batch whose worker is gone; undefined when it came back to life meanwhile. */
export function freeDeadBatch(
  tx: Tx,
  batch: BatchKey,
  before: Date,
  now: Date,
): Promise<{ number: number } | undefined> {
  return tx.maybe(sql`
    update batches
       set lease_token = null,
           leased_until = null,
           due_at = ${now}
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and leased_until < ${before}
    returning number
  `);
}
