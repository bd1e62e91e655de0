import { NO_OWNER, readCounts } from '../../platform/counts/counts.js';
import type { CountSource } from '../../platform/counts/differences.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { FindPublicationOf } from '../../platform/db/publication-finder.js';
import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import { raw, sql } from '../../platform/db/sql.js';
import {
  SUPPRESSION_STRENGTH,
  suppressionSources,
  type SuppressionReason,
  type SuppressionSource,
} from './reads.js';

/** One row of the list for operators. `hashPrefix` is hexadecimal: what is kept of an address. */
export type ListedSuppression = {
  id: string;
  hashPrefix: string;
  /** All addresses there; null: one address. */
  domain: string | null;
  /** The address, and a subscription of hers, where a reader here has it; null: only its hash is known. */
  address: string | null;
  subscriptionId: string | null;
  /** The slug; null: all publications. */
  publication: string | null;
  reason: SuppressionReason;
  source: SuppressionSource;
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

/** Which suppressions are listed. */
export type SuppressionFilter = {
  /** Those that keep this one from mailing, with those that hold for all; undefined: all there are. */
  publicationId?: string | undefined;
  /** `own`: of the publication alone; `everywhere`: only what holds for all. */
  scope?: 'own' | 'everywhere' | undefined;
  reason?: SuppressionReason | undefined;
  source?: SuppressionSource | undefined;
  /** Of an address and of its domain. */
  hashes?: readonly Buffer[] | undefined;
};

/**
 * A page of suppressions, the newest first. Each owner, reason and source has its own newest few in an index, so that a page costs as
 * much however many there are. That of all publications is named in the order too, or Postgres sorts them: `is null` is no equality.
 */
export function listSuppressionPage(
  db: Db | Tx,
  { publicationId, scope, reason, source, hashes }: SuppressionFilter,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<ListedSuppression[]> {
  const older = before === undefined ? sql`` : sql`and id::text collate "C" < ${before}`;
  const reasons = reason === undefined ? [...SUPPRESSION_STRENGTH] : [reason];
  const sources = source === undefined ? [...suppressionSources] : [source];
  const owners =
    publicationId === undefined
      ? sql`select id from publications union all select null`
      : sql`select ${publicationId}::uuid union all select null`;
  const inScope =
    scope === undefined ? sql`` : scope === 'own' ? sql`where o.id is not null` : sql`where o.id is null`;
  const found =
    hashes === undefined
      ? sql`
    select newest.*
      from (${owners}) as o (id)
     cross join unnest(${reasons}::text[]) as r (reason)
     cross join unnest(${sources}::text[]) as c (source)
     cross join lateral (
       (select * from suppressions
         where publication_id = o.id and reason = r.reason and source = c.source ${older}
         order by id::text collate "C" desc limit ${limit})
       union all
       (select * from suppressions
         where o.id is null and publication_id is null and reason = r.reason and source = c.source ${older}
         order by publication_id desc, id::text collate "C" desc limit ${limit})
     ) as newest
     ${inScope}`
      : sql`
    select s.*
      from suppressions s
      join (${owners}) as o (owner_id) on o.owner_id is not distinct from s.publication_id
     where s.address_hash = any(${byteaArrayLiteral([...hashes])}::bytea[])
       and s.reason = any(${reasons}::text[])
       and s.source = any(${sources}::text[])
       ${older}`;
  return db.many<ListedSuppression>(sql`
    with page as (
      select * from (${found}) as found
       order by id desc
       limit ${limit}
    )
    select s.id, encode(substring(s.address_hash for 6), 'hex') as hash_prefix, s.domain, p.slug as publication, s.reason, s.source,
           s.created_at as since, added.note, reader.email as address, reader.subscription_id
      from page s
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
      left join lateral (
        select w.email, o.id as subscription_id
          from subscribers w
          join subscriptions o on o.subscriber_id = w.id
         where w.address_hash = s.address_hash
           and o.publication_id = coalesce(${publicationId ?? null}::uuid, s.publication_id, o.publication_id)
         limit 1
      ) reader on true
     order by s.id desc
  `);
}

/** One of the list of a publication. */
export async function findListedSuppression(
  db: Db | Tx,
  publicationId: string,
  id: string,
): Promise<ListedSuppression | undefined> {
  const found = await findSuppression(db, id);
  if (found === undefined) return undefined;
  const rows = await listSuppressionPage(
    db,
    { publicationId, hashes: [found.addressHash] },
    { limit: MAX_OF_ADDRESS },
  );
  return rows.find((row) => row.id === id);
}

/** An address has one for a publication, and one for all. */
const MAX_OF_ADDRESS = 2;

/** A suppression is of a publication, or of all of them: then it is of any that may look. */
export const findSuppressionPublication: FindPublicationOf = (db, publicationIds, id) =>
  db.maybe<{ publicationId: string }>(sql`
    select coalesce(publication_id, ${publicationIds[0] ?? null}::uuid) as publication_id
      from suppressions
     where id = ${id}
       and (publication_id is null or publication_id = any(${arrayLiteral(publicationIds)}::uuid[]))
  `);

/** How many people with an address at a domain read a publication, or any. */
export function countReadersAt(
  db: Db | Tx,
  publicationId: string | null,
  domain: string,
): Promise<{ readers: number }> {
  const ofPublication = publicationId === null ? sql`` : sql`and s.publication_id = ${publicationId}`;
  return db.one(sql`
    select count(distinct p.id)::integer as readers
      from subscribers p
      join subscriptions s on s.subscriber_id = p.id
     where email_domain(p.email_key) = ${domain}
       and s.status in ('confirmed', 'paused')
       ${ofPublication}
  `);
}

/** `publicationId` null: for all publications. */
export type SuppressionOfAddress = {
  id: string;
  addressHash: Buffer;
  domain: string | null;
  publicationId: string | null;
  reason: SuppressionReason;
  createdAt: Date;
};

const selectSuppressions = raw(`
    select id, address_hash, domain, publication_id, reason, created_at
      from suppressions`);

/** Of an address and its domain, the oldest first. */
export function listSuppressionsOfAddress(
  db: Db | Tx,
  hashes: readonly Buffer[],
): Promise<SuppressionOfAddress[]> {
  return db.many(sql`
    ${selectSuppressions}
     where address_hash = any(${byteaArrayLiteral([...hashes])}::bytea[])
     order by created_at
  `);
}

export function findSuppression(db: Db | Tx, id: string): Promise<SuppressionOfAddress | undefined> {
  return db.maybe(sql`
    ${selectSuppressions}
     where id = ${id}
  `);
}

/** Undefined: no reader has the address, or its hash is not stored yet. */
export function findAddressOf(db: Db | Tx, addressHash: Buffer): Promise<{ emailKey: string } | undefined> {
  return db.maybe(sql`
    select email_key
      from subscribers
     where address_hash = ${addressHash}
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
