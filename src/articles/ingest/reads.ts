import type { Db, Tx } from '../../platform/db/database.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import { linkKey, type IdentityKey } from '../parse/identity-keys.js';
import type { KnownArticle } from './match-items.js';

/** The articles of a publication by those of these names that they have, with what the feed said of them last. */
export async function findByKeys(
  db: Db | Tx,
  { publicationId, feedId }: { publicationId: string; feedId: string | null },
  keys: readonly IdentityKey[],
): Promise<Map<IdentityKey, KnownArticle>> {
  const keyed = await db.many<{ key: IdentityKey; articleId: string }>(sql`
    select key, article_id
      from article_identity_keys
     where publication_id = ${publicationId}
       and key = any(${arrayLiteral(keys)}::text[])
  `);
  const ids = [...new Set(keyed.map(({ articleId }) => articleId))];
  const known = new Map((await findKnownArticles(db, feedId, ids)).map((article) => [article.id, article]));
  const found = new Map<IdentityKey, KnownArticle>();
  for (const { key, articleId } of keyed) {
    const article = known.get(articleId);
    if (article !== undefined) found.set(key, article);
  }
  return found;
}

/** A pushed article without a date of its own is dated when it came: nothing to compare with. */
function findKnownArticles(db: Db | Tx, feedId: string | null, ids: string[]): Promise<KnownArticle[]> {
  return db.many<KnownArticle>(sql`
    select a.id, a.feed_id, a.url, a.title, a.categories, a.first_seen_at, a.state, a.hold_id, a.retraction,
           case when a.feed_id is null then nullif(a.published_at, a.first_seen_at) else a.published_at end as published_at,
           a.release_at, s.content_hash, s.categories as feed_categories, s.missing_since is not null as is_missing
      from articles a
      left join article_sightings s on s.article_id = a.id and s.feed_id = ${feedId}
     where a.id = any(${arrayLiteral(ids)}::uuid[])
  `);
}

/** Of the articles that a feed brought and shows no more: those not released yet that no other feed shows. */
export function listMissingUnreleased(
  db: Db | Tx,
  feedId: string,
  ids: readonly string[],
): Promise<{ id: string; publishedAt: Date | null; firstSeenAt: Date }[]> {
  return db.many(sql`
    select id, published_at, first_seen_at
      from articles a
     where id = any(${arrayLiteral(ids)}::uuid[])
       and feed_id = ${feedId}
       and state in ('waiting', 'held')
       and not exists (
         select
           from article_sightings s
          where s.article_id = a.id
            and s.missing_since is null
       )
  `);
}

/** The article that a page of the publisher's is, by any form of its address; none that was taken back. */
export async function findArticleByUrl(
  db: Db | Tx,
  publicationId: string,
  url: string | null,
): Promise<{ title: string; url: string | null } | undefined> {
  const key = linkKey(url);
  if (key === undefined) return undefined;
  return db.maybe(sql`
    select a.title, a.url
      from article_identity_keys k
      join articles a on a.id = k.article_id
     where k.publication_id = ${publicationId}
       and k.key = ${key}
       and a.state <> 'retracted'
  `);
}
