import type { Db, Tx } from '../platform/db/database.js';
import { list } from '../platform/db/list.js';
import { sql } from '../platform/db/sql.js';
import { linkName, type ArticleName } from './identity.js';
import type { KnownArticle } from './recognise.js';

/** The articles of a publication by those of these names that they have, with what the feed said of them last. */
export async function findByNames(
  db: Db | Tx,
  { publicationId, feedId }: { publicationId: string; feedId: string | null },
  names: readonly ArticleName[],
): Promise<Map<ArticleName, KnownArticle>> {
  const named = await db.many<{ name: ArticleName; articleId: string }>(sql`
    select name, article_id
      from article_names
     where publication_id = ${publicationId}
       and name = any(${list(names)}::text[])
  `);
  const ids = [...new Set(named.map(({ articleId }) => articleId))];
  const known = new Map((await findKnown(db, feedId, ids)).map((article) => [article.id, article]));
  const found = new Map<ArticleName, KnownArticle>();
  for (const { name, articleId } of named) {
    const article = known.get(articleId);
    if (article !== undefined) found.set(name, article);
  }
  return found;
}

/** A pushed article without a date of its own is dated when it came: nothing to compare with. */
function findKnown(db: Db | Tx, feedId: string | null, ids: string[]): Promise<KnownArticle[]> {
  return db.many<KnownArticle>(sql`
    select a.id, a.feed_id, a.url, a.title, a.categories, a.first_seen_at, a.state, a.hold_id, a.retraction,
           case when a.feed_id is null then nullif(a.published_at, a.first_seen_at) else a.published_at end as published_at,
           a.release_at, s.version, s.categories as said_categories, s.gone_at is not null as is_gone
      from articles a
      left join article_sightings s on s.article_id = a.id and s.feed_id = ${feedId}
     where a.id = any(${list(ids)}::uuid[])
  `);
}

/** Of the articles that a feed brought and shows no more: those not released yet that no other feed shows. */
export function listLost(
  db: Db | Tx,
  feedId: string,
  ids: readonly string[],
): Promise<{ id: string; publishedAt: Date | null; firstSeenAt: Date }[]> {
  return db.many(sql`
    select id, published_at, first_seen_at
      from articles a
     where id = any(${list(ids)}::uuid[])
       and feed_id = ${feedId}
       and state in ('waiting', 'held')
       and not exists (
         select
           from article_sightings s
          where s.article_id = a.id
            and s.gone_at is null
       )
  `);
}

/** The article that a page of the publisher's is, by any form of its address; none that was taken back. */
export async function findArticleAt(
  db: Db | Tx,
  publicationId: string,
  url: string | null,
): Promise<{ title: string; url: string | null } | undefined> {
  const name = linkName(url);
  if (name === undefined) return undefined;
  return db.maybe(sql`
    select a.title, a.url
      from article_names n
      join articles a on a.id = n.article_id
     where n.publication_id = ${publicationId}
       and n.name = ${name}
       and a.state <> 'retracted'
  `);
}
