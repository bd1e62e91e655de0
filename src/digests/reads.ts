import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Digest, Variant } from './digest.js';

const columns = raw(`
  id, publication_id, cadence, period, state, closes_at, expires_at, key_id, subject, note, article_ids, audience, again,
  created_at
`);
const variantColumns = raw('id, digest_id, locale, article_ids, subject, html, text, rendered_at');

export function findDigest(db: Db | Tx, id: string): Promise<Digest | undefined> {
  return db.maybe<Digest>(sql`
    select ${columns}
      from digests
     where id = ${id}
  `);
}

export function listDigests(db: Db | Tx, publicationId: string, limit: number): Promise<Digest[]> {
  return db.many<Digest>(sql`
    select ${columns}
      from digests
     where publication_id = ${publicationId}
     order by id desc
     limit ${limit}
  `);
}

export function findVariants(db: Db | Tx, ids: string[]): Promise<Variant[]> {
  return db.many<Variant>(sql`
    select ${variantColumns}
      from variants
     where id = any(${ids}::uuid[])
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

export function findDigestByPeriod(
  db: Db | Tx,
  key: Pick<Digest, 'publicationId' | 'cadence' | 'period'>,
): Promise<Digest> {
  return db.one<Digest>(sql`
    select ${columns}
      from digests
     where publication_id = ${key.publicationId}
       and cadence = ${key.cadence}
       and period = ${key.period}
  `);
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
    select ${columns}
      from digests
     where publication_id = ${publicationId}
       ${older}
     order by id desc
     limit ${limit}
  `);
}
