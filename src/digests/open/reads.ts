import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Cadence } from '../../publications/publication.js';
import type { Digest, Variant } from '../digest.js';

/** Undefined while nobody has opened it. */
export function findDigestOfPeriod(
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

/** The newest of a rhythm that waits for an operator: none of the rhythm's readers is planned meanwhile. */
export function findHeldDigest(
  db: Db | Tx,
  publicationId: string,
  cadence: Cadence,
): Promise<Pick<Digest, 'id'> | undefined> {
  return db.maybe(sql`
    select id
      from digests
     where publication_id = ${publicationId}
       and cadence = ${cadence}
       and state = 'held'
     order by id desc
     limit 1
  `);
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
  lists: readonly Pick<Variant, 'locale' | 'format' | 'withoutPictures' | 'articleIds'>[],
): Promise<(string | null)[]> {
  const rows = await db.many<{ id: string | null }>(sql`
    select v.id
      from unnest(${lists.map(({ locale }) => locale)}::text[],
                  ${lists.map(({ format }) => format)}::text[],
                  ${lists.map(({ withoutPictures }) => withoutPictures)}::boolean[],
                  ${lists.map(({ articleIds }) => `{${articleIds.join()}}`)}::text[])
           with ordinality as wanted (locale, format, without_pictures, article_ids, place)
      left join variants v
        on v.digest_id = ${digestId}
       and v.locale = wanted.locale
       and v.article_ids = wanted.article_ids::uuid[]
       and v.format is not distinct from wanted.format
       and v.without_pictures = wanted.without_pictures
     order by wanted.place
  `);
  return rows.map(({ id }) => id);
}
