import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import type { SuppressionReason } from './reads.js';

/** The first reason stays, but for an erasure: after it she may sign up again, and then block the address. */
export function insertSuppression(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string | null,
  reason: SuppressionReason,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    values (${addressHash}, ${publicationId}, ${reason}, ${now})
    on conflict (address_hash, publication_id) do update
       set reason = excluded.reason,
           created_at = excluded.created_at
     where suppressions.reason = 'erased'
       and excluded.reason <> 'erased'
  `);
}

/** For all publications; the first reason stays. */
export function insertBounces(tx: Tx, addressHashes: readonly Buffer[], now: Date): Promise<number> {
  return tx.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    select distinct bounced.address_hash, null::uuid, 'bounced', ${now}::timestamptz
      from unnest(${byteaArrayLiteral([...addressHashes])}::bytea[]) as bounced (address_hash)
        on conflict (address_hash, publication_id) do nothing
  `);
}

/** After a new double opt-in programs may add the address again. */
export function deleteErasureSuppression(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
): Promise<number> {
  return tx.run(sql`
    delete from suppressions
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
       and reason = 'erased'
  `);
}

/** Bounces, and a complaint to this publication: never what the reader or an operator forbade. */
export function deleteLiftableSuppressions(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
): Promise<number> {
  return tx.run(sql`
    delete from suppressions
     where address_hash = ${addressHash}
       and ((publication_id = ${publicationId} and reason in ('bounced', 'complained'))
            or (publication_id is null and reason = 'bounced'))
  `);
}

/** A digest that is deferred again keeps its first time. */
export function insertSoftBounces(
  tx: Tx,
  digestId: string,
  subscriptionIds: readonly string[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into soft_bounces (subscription_id, digest_id, deferred_at)
    select id, ${digestId}, ${now}
      from unnest(${arrayLiteral([...subscriptionIds])}::uuid[]) as bounced (id)
        on conflict (subscription_id, digest_id) do nothing
  `);
}

export function markSoftBouncesGivenUp(
  tx: Tx,
  digestId: string,
  subscriptionIds: readonly string[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update soft_bounces
       set given_up_at = ${now}
     where digest_id = ${digestId}
       and subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and given_up_at is null
  `);
}

/** Of all subscriptions of the same address. */
export function deleteSoftBouncesOfReader(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where subscription_id in (
       select other.id
         from subscriptions s
         join subscriptions other on other.subscriber_id = s.subscriber_id
        where s.id = ${subscriptionId}
     )
  `);
}

export function deleteSoftBounces(tx: Tx, subscriptionIds: readonly string[]): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
  `);
}
