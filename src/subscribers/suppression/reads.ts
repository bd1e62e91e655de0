import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { AddressHashes } from './address-hashes.js';

export type SuppressionReason = 'never' | 'bounced' | 'complained' | 'operator' | 'erased';

/** From the weakest to the strongest: a stronger one takes the place of a weaker one. */
export const SUPPRESSION_STRENGTH: readonly SuppressionReason[] = [
  'erased',
  'bounced',
  'complained',
  'never',
  'operator',
];

/** What put an address on the list: the answer of a mail server, a report that came later, a person, or a list that was read. */
export const suppressionSources = ['mail-server', 'report', 'reader', 'operator', 'file', 'import'] as const;
export type SuppressionSource = (typeof suppressionSources)[number];

export type Suppression = {
  id: string;
  /** A domain, all of whose addresses are suppressed; null: the address alone. */
  domain: string | null;
  /** For all publications. */
  everywhere: boolean;
  reason: SuppressionReason;
  createdAt: Date;
};

/** The suppressions that keep this publication from mailing an address: its own, and those for all, of it and of its domain. */
export function listSuppressionsOf(
  db: Db | Tx,
  publicationId: string,
  hashes: AddressHashes,
): Promise<Suppression[]> {
  return db.many<Suppression>(sql`
    select id, domain, publication_id is null as everywhere, reason, created_at
      from suppressions
     where address_hash = any(${byteaArrayLiteral([...hashes])}::bytea[])
       and (publication_id = ${publicationId} or publication_id is null)
     order by created_at
  `);
}

/**
 * Those of these hashes, of addresses or domains, that this publication must not mail, as hex. An erasure does not count: it keeps programs from
 * adding the address, not its owner.
 */
export async function listSuppressed(
  db: Db | Tx,
  publicationId: string,
  hashes: readonly Buffer[],
): Promise<Set<string>> {
  const rows = await db.many<{ addressHash: Buffer }>(sql`
    select address_hash
      from suppressions
     where address_hash = any(${byteaArrayLiteral([...hashes])}::bytea[])
       and (publication_id = ${publicationId} or publication_id is null)
       and reason <> 'erased'
  `);
  return new Set(rows.map((row) => row.addressHash.toString('hex')));
}

/** Whether this publication must not mail an address, or any of its domain. */
export async function isSuppressed(
  db: Db | Tx,
  publicationId: string,
  hashes: AddressHashes,
): Promise<boolean> {
  return (await listSuppressed(db, publicationId, hashes)).size > 0;
}

/**
 * Those of these subscriptions whose address, or its domain, their publication must not mail. An address whose keyed hash is not
 * stored yet is not found: sending looks once more. Each is looked up by itself, or Postgres goes through all suppressions for a
 * thousand readers.
 */
export function listSuppressedReaders(tx: Tx, subscriptionIds: readonly string[]): Promise<{ id: string }[]> {
  const preventsMail = sql`(x.publication_id = s.publication_id or x.publication_id is null) and x.reason <> 'erased'`;
  return tx.many(sql`
    select s.id
      from unnest(${arrayLiteral([...subscriptionIds])}::uuid[]) as reader (id)
      join subscriptions s on s.id = reader.id
      join subscribers p on p.id = s.subscriber_id
     cross join lateral (
       select from suppressions x where x.address_hash = p.address_hash and ${preventsMail}
        union all
       select from suppressions x where x.domain = email_domain(p.email_key) and ${preventsMail}
        limit 1) as found
  `);
}

/**
 * All confirmed subscriptions of a publication whose address, or its domain, it must not mail. Step by step from the suppressions
 * on, each by its index, or Postgres begins with all subscribers where it does not know yet how few suppressions there are.
 */
export function listSuppressedOf(tx: Tx, publicationId: string, limit: number): Promise<{ id: string }[]> {
  return tx.many(sql`
    with stopped as materialized (
      select address_hash, domain
        from suppressions
       where (publication_id = ${publicationId} or publication_id is null)
         and reason <> 'erased'
    ), people as materialized (
      select p.id
        from stopped x
       cross join lateral (select id from subscribers where address_hash = x.address_hash offset 0) as p
       where x.domain is null
       union
      select p.id
        from stopped x
       cross join lateral (select id from subscribers where email_domain(email_key) = x.domain offset 0) as p
       where x.domain is not null
    )
    select s.id
      from people
     cross join lateral (
       select id, status
         from subscriptions
        where publication_id = ${publicationId}
          and subscriber_id = people.id
       offset 0) as s
     where s.status = 'confirmed'
     limit ${limit}
  `);
}

/** Whether the address was erased from this publication and has not confirmed anew since. */
export async function isErased(db: Db | Tx, publicationId: string, addressHash: Buffer): Promise<boolean> {
  const row = await db.maybe<{ id: string }>(sql`
    select id
      from suppressions
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
       and reason = 'erased'
  `);
  return row !== undefined;
}

/** The newsletters of a subscription that its mail server delayed, oldest first; `givenUpAt` null while one is still tried. */
export function listSoftBounces(
  db: Db | Tx,
  subscriptionId: string,
): Promise<{ deferredAt: Date; givenUpAt: Date | null }[]> {
  return db.many(sql`
    select deferred_at, given_up_at
      from soft_bounces
     where subscription_id = ${subscriptionId}
       and not is_reported
     order by deferred_at
  `);
}

/**
 * When it was last decided that these readers are to be mailed: their address was let in again, here or everywhere, or they
 * confirmed, resumed or came back. What was sent before has no say any more.
 */
export async function listLastDecisions(
  tx: Tx,
  readers: readonly { subscriptionId: string; publicationId: string; addressHash: Buffer }[],
): Promise<(Date | undefined)[]> {
  const rows = await tx.many<{ place: number; at: Date }>(sql`
    select place::integer, greatest(
             (select max(created_at)
                from suppression_changes c
               where c.address_hash = asked.address_hash
                 and (c.publication_id = asked.publication_id or c.publication_id is null)
                 and c.change = 'lifted'
                 -- A storm decides nothing: it only says that its bounces are not believed.
                 and c.changed_by is distinct from 'bounce-storm'),
             (select max(created_at)
                from consents c
               where c.subscription_id = asked.subscription_id
                 and c.kind in ('confirmed', 'resumed', 'never-undone'))) as at
      from unnest(${arrayLiteral(readers.map(({ subscriptionId }) => subscriptionId))}::uuid[],
                  ${arrayLiteral(readers.map(({ publicationId }) => publicationId))}::uuid[],
                  ${byteaArrayLiteral(readers.map(({ addressHash }) => addressHash))}::bytea[])
           with ordinality as asked (subscription_id, publication_id, address_hash, place)
  `);
  const byPlace = new Map(rows.map(({ place, at }) => [place - 1, at]));
  return readers.map((_, place) => byPlace.get(place) ?? undefined);
}

/** How many addresses of a domain bounced since then, by what a server said of them, these among them. */
export async function countRecentBounces(
  tx: Tx,
  { transportId, domain }: { transportId: number; domain: string },
  these: readonly Buffer[],
  since: Date,
): Promise<number> {
  const { count } = await tx.one<{ count: number }>(sql`
    select count(*)::integer as count
      from (select s.address_hash
              from recent_bounces b
              join suppressions s on s.id = b.suppression_id
             where b.transport_id = ${transportId}
               and b.domain = ${domain}
               and b.bounced_at >= ${since}
             union
            select unnest(${byteaArrayLiteral([...these])}::bytea[])) as bounced
  `);
  return count;
}
