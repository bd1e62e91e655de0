import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Cadence } from '../publications/publication.js';
import type { Digest, Variant } from './digest.js';

const digestColumns = raw(`
  id, publication_id, cadence, period, state, reason, closes_at, expires_at, key_id, subject, note, article_ids, audience,
  again, created_at
`);
const variantColumns = raw('id, digest_id, locale, format, article_ids, subject, html, text, rendered_at');

export function findDigest(db: Db | Tx, id: string): Promise<Digest | undefined> {
  return db.maybe<Digest>(sql`
    select ${digestColumns}
      from digests
     where id = ${id}
  `);
}

/** Those whose ids begin like this; two are enough to know that it is not one alone. */
export function listDigestsByIdPrefix(db: Db | Tx, idPrefix: string): Promise<Digest[]> {
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where id::text like ${`${idPrefix}%`}
     limit 2
  `);
}

export function listDigests(db: Db | Tx, publicationId: string, limit: number): Promise<Digest[]> {
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where publication_id = ${publicationId}
     order by id desc
     limit ${limit}
  `);
}

/** Of all publications. */
export function listSendingDigests(db: Db | Tx): Promise<{ id: string }[]> {
  return db.many(sql`
    select id
      from digests
     where state = 'sending'
     order by id
  `);
}

/** Held or paused ones, newest first. */
export function listStoppedDigests(db: Db | Tx, publicationId: string, limit: number): Promise<Digest[]> {
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where publication_id = ${publicationId}
       and state in ('held', 'paused')
     order by id desc
     limit ${limit}
  `);
}

/** With its message, once it was rendered. */
export function findVariant(
  db: Db | Tx,
  id: string,
): Promise<(Pick<Variant, 'locale' | 'format' | 'articleIds'> & { mime: Buffer | null }) | undefined> {
  return db.maybe(sql`
    select locale, format, article_ids, mime
      from variants
     where id = ${id}
  `);
}

/** The lists of a digest, the longest first: the one that stands for it on screens comes first. */
export function listVariants(db: Db | Tx, digestId: string): Promise<Variant[]> {
  return db.many<Variant>(sql`
    select ${variantColumns}
      from variants
     where digest_id = ${digestId}
     order by cardinality(article_ids) desc, id
  `);
}

/** In what state the digest of a period is; undefined while nobody has made it. */
export function findDigestState(
  db: Db | Tx,
  key: Pick<Digest, 'publicationId' | 'cadence' | 'period'>,
): Promise<Pick<Digest, 'id' | 'state'> | undefined> {
  return db.maybe(sql`
    select id, state
      from digests
     where publication_id = ${key.publicationId}
       and cadence = ${key.cadence}
       and period = ${key.period}
  `);
}

export function findDigestByPeriod(
  db: Db | Tx,
  key: Pick<Digest, 'publicationId' | 'cadence' | 'period'>,
): Promise<Digest> {
  return db.one<Digest>(sql`
    select ${digestColumns}
      from digests
     where publication_id = ${key.publicationId}
       and cadence = ${key.cadence}
       and period = ${key.period}
  `);
}

/** Readers of these rhythms wait for an operator to decide about a held digest: none of them is planned meanwhile. */
export function listHeldCadences(db: Db | Tx): Promise<{ publicationId: string; cadence: Cadence }[]> {
  return db.many(sql`
    select distinct publication_id, cadence
      from digests
     where state = 'held'
       and cadence <> 'operator'
  `);
}

/** The number of the first article whose instant digest waits for an operator's word. */
export async function findFirstHeldSeq(db: Db | Tx, publicationId: string): Promise<number | undefined> {
  const held = await db.one<{ seq: number | null }>(sql`
    select min(period::bigint) as seq
      from digests
     where publication_id = ${publicationId}
       and cadence = 'instant'
       and state = 'held'
  `);
  return held.seq ?? undefined;
}

/** How many readers there were of the last digest of a rhythm that went out. */
export async function findLastReaderCount(
  db: Db | Tx,
  { publicationId, cadence }: Pick<Digest, 'publicationId' | 'cadence'>,
): Promise<number | undefined> {
  const last = await db.maybe<{ readers: number }>(sql`
    select readers
      from digests
     where publication_id = ${publicationId}
       and cadence = ${cadence}
       and state in ('sending', 'paused', 'closed')
       and last_batch > 0
       and readers is not null
     order by id desc
     limit 1
  `);
  return last?.readers;
}

/** The variants of a digest with these lists, in the same order; null for one that is not there. */
export async function findVariantIds(
  db: Db | Tx,
  digestId: string,
  lists: readonly Pick<Variant, 'locale' | 'format' | 'articleIds'>[],
): Promise<(string | null)[]> {
  const rows = await db.many<{ id: string | null }>(sql`
    select v.id
      from unnest(${lists.map(({ locale }) => locale)}::text[],
                  ${lists.map(({ format }) => format)}::text[],
                  ${lists.map(({ articleIds }) => `{${articleIds.join()}}`)}::text[])
           with ordinality as wanted (locale, format, article_ids, place)
      left join variants v
        on v.digest_id = ${digestId}
       and v.locale = wanted.locale
       and v.article_ids = wanted.article_ids::uuid[]
       and v.format is not distinct from wanted.format
     order by wanted.place
  `);
  return rows.map(({ id }) => id);
}

/** One page, newest first; ids sort by time. */
export function listDigestsPage(
  db: Db | Tx,
  publicationId: string,
  before: string | undefined,
  limit: number,
): Promise<Digest[]> {
  const older = before === undefined ? sql`` : sql`and id < ${before}`;
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where publication_id = ${publicationId}
       ${older}
     order by id desc
     limit ${limit}
  `);
}
