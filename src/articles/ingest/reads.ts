import type { Db, Tx } from '../../platform/db/database.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import { type IdentityKey } from '../parse/identity-keys.js';
import type { KnownArticle } from './items.js';
import type { Feed } from '../feeds/feed.js';

/** The articles of a publication by those of these keys that they have, with what the feed showed of them last. */
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

/** The words of articles as they are stored. */
export function findTexts(
  db: Db | Tx,
  ids: readonly string[],
): Promise<{ id: string; contentHtml: string; summary: string }[]> {
  return db.many(sql`
    select id, content_html, summary
      from articles
     where id = any(${arrayLiteral(ids)}::uuid[])
  `);
}

/** A pushed article without a date of its own carries the time of its arrival: that is no date to compare with. */
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

/** Of these articles of a feed: those not released yet that no feed shows any more. */
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

/**
 * Those of these titles under which something was released, or waits to be, in letters of whatever case. The database
 * folds both sides, since it and JavaScript differ; to upper case, since a small sigma is another letter at the end of a
 * word.
 */
export async function listMailedTitles(
  db: Db | Tx,
  publicationId: string,
  titles: string[],
): Promise<Set<string>> {
  const rows = await db.many<{ title: string }>(sql`
    select given.title
      from unnest(${titles}::text[]) as given (title)
     where exists (
       select
         from articles
        where publication_id = ${publicationId}
          and (seq is not null or state = 'waiting')
          and upper(articles.title) = upper(given.title)
     )
  `);
  return new Set(rows.map((row) => row.title));
}

export async function countArticlesFromFeed(
  db: Db | Tx,
  feed: Pick<Feed, 'id' | 'publicationId'>,
): Promise<number> {
  const row = await db.one<{ count: number }>(sql`
    select count(*) as count
      from articles
     where publication_id = ${feed.publicationId}
       and feed_id = ${feed.id}
  `);
  return row.count;
}
