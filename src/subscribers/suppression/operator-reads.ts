import { NO_OWNER, readCounts } from '../../platform/counts/counts.js';
import type { CountSource } from '../../platform/counts/differences.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { SUPPRESSION_STRENGTH, type SuppressionReason } from './reads.js';

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

const NAME = 'suppressions';

/** How many addresses a publication may not mail, by reason: its own suppressions, and those for all publications. */
export async function countSuppressions(
  db: Db | Tx,
  publicationId: string,
): Promise<{ reason: SuppressionReason; own: number; everywhere: number }[]> {
  const counts = await readCounts(db, NAME, [publicationId, NO_OWNER]);
  return SUPPRESSION_STRENGTH.map((reason) => {
    const countOf = (owner: string) =>
      counts.find(({ ownerId, key }) => ownerId === owner && key[0] === reason)?.count ?? 0;
    return { reason, own: countOf(publicationId), everywhere: countOf(NO_OWNER) };
  });
}

/** Counted anew. */
export const suppressionSource: CountSource = {
  name: NAME,
  rows: sql`
    select coalesce(publication_id, ${NO_OWNER}) as owner_id, array[reason] as key, null::timestamptz as at, count(*) as count
      from suppressions
     group by 1, 2`,
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

/** `publicationId` null: for all publications. */
export type SuppressionOfAddress = {
  id: string;
  publicationId: string | null;
  reason: SuppressionReason;
  createdAt: Date;
};

export function listSuppressionsOfAddress(db: Db | Tx, addressHash: Buffer): Promise<SuppressionOfAddress[]> {
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
