import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import { SUPPRESSION_STRENGTH, type SuppressionReason } from './reads.js';

/** A suppression that was made or lifted. `publicationId` null: for all publications. */
export type ChangedSuppression = { id: string; publicationId: string | null; reason: SuppressionReason };

/**
 * The stronger reason stays; among equals the first.
 * @param publicationId null: for all publications
 * @param domain the domain, where all its addresses are meant and `addressHash` is of it
 * @returns undefined when the address was suppressed for this reason or a stronger one
 */
export function insertSuppression(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string | null,
  reason: SuppressionReason,
  now: Date,
  domain: string | null = null,
): Promise<ChangedSuppression | undefined> {
  return tx.maybe<ChangedSuppression>(sql`
    insert into suppressions (address_hash, publication_id, reason, domain, created_at)
    values (${addressHash}, ${publicationId}, ${reason}, ${domain}, ${now})
    on conflict (address_hash, publication_id) do update
       set reason = excluded.reason,
           created_at = excluded.created_at
     where array_position(${[...SUPPRESSION_STRENGTH]}::text[], suppressions.reason)
           < array_position(${[...SUPPRESSION_STRENGTH]}::text[], excluded.reason)
    returning id, publication_id, reason
  `);
}

/** For all publications; the first reason stays. Which server and domain each is of is kept beside it. */
export function insertBounces(
  tx: Tx,
  bounces: readonly { addressHash: Buffer; transportId: number; domain: string }[],
  now: Date,
): Promise<ChangedSuppression[]> {
  return tx.many<ChangedSuppression>(sql`
    with bounced as (
      select distinct on (address_hash) address_hash, transport_id, domain
        from unnest(${byteaArrayLiteral(bounces.map(({ addressHash }) => addressHash))}::bytea[],
                    ${bounces.map(({ transportId }) => transportId)}::smallint[],
                    ${arrayLiteral(bounces.map(({ domain }) => domain))}::text[]) as bounced (address_hash, transport_id, domain)
       order by address_hash
    ), suppressed as (
      insert into suppressions (address_hash, publication_id, reason, created_at)
      select address_hash, null::uuid, 'bounced', ${now}::timestamptz
        from bounced
          on conflict (address_hash, publication_id) do nothing
      returning id, address_hash, publication_id, reason
    ), sources as (
      insert into recent_bounces (suppression_id, transport_id, domain, bounced_at)
      select suppressed.id, transport_id, domain, ${now}::timestamptz
        from suppressed
        join bounced using (address_hash)
    )
    select id, publication_id, reason
      from suppressed
  `);
}

/** Those of one domain behind one server, since a time, that nobody has suppressed for a stronger reason meanwhile. */
export function deleteBouncesOfStorm(
  tx: Tx,
  { transportId, domain }: { transportId: number; domain: string },
  since: Date,
  now: Date,
): Promise<ChangedSuppression[]> {
  return tx.many<ChangedSuppression>(sql`
    with lifted as (
      delete from suppressions s
       using recent_bounces b
       where b.suppression_id = s.id
         and b.transport_id = ${transportId}
         and b.domain = ${domain}
         and b.bounced_at >= ${since}
         and s.reason = 'bounced'
      returning s.id, s.address_hash, s.publication_id, s.reason
    ), changes as (
      insert into suppression_changes (address_hash, publication_id, reason, change, changed_by, created_at)
      select address_hash, publication_id, reason, 'lifted', 'bounce-storm', ${now}
        from lifted
    )
    select id, publication_id, reason
      from lifted
  `);
}

export function deleteOldRecentBounces(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from recent_bounces
     where bounced_at < ${before}
  `);
}

/** For all publications; the first reason stays. */
export function insertRestingMailboxes(
  tx: Tx,
  addressHashes: readonly Buffer[],
  now: Date,
): Promise<ChangedSuppression[]> {
  return tx.many<ChangedSuppression>(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    select distinct resting.address_hash, null::uuid, 'bounced', ${now}::timestamptz
      from unnest(${byteaArrayLiteral([...addressHashes])}::bytea[]) as resting (address_hash)
        on conflict (address_hash, publication_id) do nothing
    returning id, publication_id, reason
  `);
}

/** For all publications; what was stronger stays. */
export function insertComplaints(
  tx: Tx,
  addressHashes: readonly Buffer[],
  now: Date,
): Promise<ChangedSuppression[]> {
  return tx.many<ChangedSuppression>(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    select distinct complained.address_hash, null::uuid, 'complained', ${now}::timestamptz
      from unnest(${byteaArrayLiteral([...addressHashes])}::bytea[]) as complained (address_hash)
     order by 1
        on conflict (address_hash, publication_id) do update
       set reason = excluded.reason,
           created_at = excluded.created_at
     where array_position(${[...SUPPRESSION_STRENGTH]}::text[], suppressions.reason)
           < array_position(${[...SUPPRESSION_STRENGTH]}::text[], excluded.reason)
    returning id, publication_id, reason
  `);
}

/** After a new double opt-in programs may add the address again. */
export function deleteErasureSuppression(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
): Promise<ChangedSuppression[]> {
  return tx.many<ChangedSuppression>(sql`
    delete from suppressions
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
       and reason = 'erased'
    returning id, publication_id, reason
  `);
}

/** Bounces and complaints: never what the reader or an operator forbade. */
export function deleteLiftableSuppressions(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
): Promise<ChangedSuppression[]> {
  return tx.many<ChangedSuppression>(sql`
    delete from suppressions
     where address_hash = ${addressHash}
       and ((publication_id = ${publicationId} and reason in ('bounced', 'complained'))
            or (publication_id is null and reason in ('bounced', 'complained')))
    returning id, publication_id, reason
  `);
}

/**
 * Turns a complaint that holds for all publications into one for each other publication that has her as a subscriber, so that
 * what she lifts for one stays with the others.
 */
export function insertComplaintsElsewhere(
  tx: Tx,
  addressHash: Buffer,
  { id, subscriberId }: { id: string; subscriberId: string },
): Promise<number> {
  return tx.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    select s.address_hash, other.publication_id, s.reason, s.created_at
      from suppressions s
      join subscriptions other on other.subscriber_id = ${subscriberId} and other.id <> ${id}
     where s.address_hash = ${addressHash}
       and s.publication_id is null
       and s.reason = 'complained'
    on conflict (address_hash, publication_id) do nothing
  `);
}

export function deleteSuppressions(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    delete from suppressions
     where id = any(${arrayLiteral([...ids])}::uuid[])
  `);
}

/** @param since a block that is older stays */
export function deleteRecentBlock(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
  since: Date,
): Promise<{ createdAt: Date } | undefined> {
  return tx.maybe<{ createdAt: Date }>(sql`
    delete from suppressions
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
       and reason = 'never'
       and created_at > ${since}
    returning created_at
  `);
}

export type SuppressionChange = {
  addressHash: Buffer;
  publicationId: string | null;
  reason: SuppressionReason;
  change: 'added' | 'lifted';
  changedBy: 'operator' | 'reader';
  note: string | null;
};

export function insertSuppressionChange(tx: Tx, change: SuppressionChange, now: Date): Promise<number> {
  return tx.run(sql`
    insert into suppression_changes (address_hash, publication_id, reason, change, changed_by, note, created_at)
    values (${change.addressHash}, ${change.publicationId}, ${change.reason}, ${change.change},
            ${change.changedBy}, ${change.note}, ${now})
  `);
}
