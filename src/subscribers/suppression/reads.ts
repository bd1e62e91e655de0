import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';

export type SuppressionReason = 'never' | 'bounced' | 'complained' | 'operator' | 'erased';

/** From the weakest to the strongest: a stronger one takes the place of a weaker one. */
export const SUPPRESSION_STRENGTH: readonly SuppressionReason[] = [
  'erased',
  'bounced',
  'complained',
  'never',
  'operator',
];

export type Suppression = {
  /** For all publications. */
  everywhere: boolean;
  reason: SuppressionReason;
  createdAt: Date;
};

/** The suppressions that keep this publication from mailing an address: its own, and that for all. */
export function listSuppressionsOf(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<Suppression[]> {
  return db.many<Suppression>(sql`
    select publication_id is null as everywhere, reason, created_at
      from suppressions
     where address_hash = ${addressHash}
       and (publication_id = ${publicationId} or publication_id is null)
     order by created_at
  `);
}

/**
 * Those of these addresses that this publication must not mail, as hex. An erasure does not count: it keeps programs from
 * adding the address, not its owner.
 */
export async function listSuppressed(
  db: Db | Tx,
  publicationId: string,
  addressHashes: Buffer[],
): Promise<Set<string>> {
  const rows = await db.many<{ addressHash: Buffer }>(sql`
    select address_hash
      from suppressions
     where address_hash = any(${byteaArrayLiteral(addressHashes)}::bytea[])
       and (publication_id = ${publicationId} or publication_id is null)
       and reason <> 'erased'
  `);
  return new Set(rows.map((row) => row.addressHash.toString('hex')));
}

export async function isSuppressed(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<boolean> {
  return (await listSuppressed(db, publicationId, [addressHash])).size > 0;
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

/** One row of the list for operators, who see no address: `hashPrefix` is hexadecimal. */
export type ListedSuppression = {
  id: string;
  hashPrefix: string;
  /** The slug; null: all publications. */
  publication: string | null;
  reason: SuppressionReason;
  since: Date;
  /** What the operator gave for a reason, where one added it. */
  note: string | null;
};

/** A page of suppressions, the newest first; those that hold for all publications are on every publication's list. */
export function listSuppressionPage(
  db: Db | Tx,
  where: { publicationId?: string; addressHash?: Buffer; before?: string; limit: number },
): Promise<ListedSuppression[]> {
  const { publicationId, addressHash, before } = where;
  const ofPublication =
    publicationId === undefined
      ? sql``
      : sql`and (s.publication_id = ${publicationId} or s.publication_id is null)`;
  const ofAddress = addressHash === undefined ? sql`` : sql`and s.address_hash = ${addressHash}`;
  const older = before === undefined ? sql`` : sql`and s.id < ${before}`;
  return db.many<ListedSuppression>(sql`
    select s.id, encode(substring(s.address_hash for 6), 'hex') as hash_prefix, p.slug as publication, s.reason,
           s.created_at as since, added.note
      from suppressions s
      left join publications p on p.id = s.publication_id
      left join lateral (
        select note
          from suppression_changes c
         where c.address_hash = s.address_hash
           and c.publication_id is not distinct from s.publication_id
           and c.reason = s.reason
           and c.change = 'added'
         order by c.created_at desc
         limit 1
      ) added on true
     where true
       ${ofPublication}
       ${ofAddress}
       ${older}
     order by s.id desc
     limit ${where.limit}
  `);
}

/** All suppressions of an address; `publicationId` null: of all publications. */
export function listSuppressionsOfAddress(
  db: Db | Tx,
  addressHash: Buffer,
): Promise<{ id: string; publicationId: string | null; reason: SuppressionReason; createdAt: Date }[]> {
  return db.many(sql`
    select id, publication_id, reason, created_at
      from suppressions
     where address_hash = ${addressHash}
     order by created_at
  `);
}

/** Who suppressed an address here or lifted that, the oldest first. */
export function listSuppressionChangesOf(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<
  { reason: SuppressionReason; change: string; changedBy: string; note: string | null; createdAt: Date }[]
> {
  return db.many(sql`
    select reason, change, changed_by, note, created_at
      from suppression_changes
     where address_hash = ${addressHash}
       and (publication_id = ${publicationId} or publication_id is null)
     order by created_at, id
  `);
}

/** How many digests each of these subscriptions was deferred for and did not get, and since when. */
export function listGivenUp(
  tx: Tx,
  subscriptionIds: readonly string[],
): Promise<{ subscriptionId: string; digests: number; since: Date }[]> {
  return tx.many(sql`
    select subscription_id, count(*)::integer as digests, min(deferred_at) as since
      from soft_bounces
     where subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and given_up_at is not null
     group by subscription_id
  `);
}
