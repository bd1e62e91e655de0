import type { Db, Tx } from '../platform/db/database.js';
import { publicationFinder } from '../platform/db/publication-finder.js';
import type { CountSource } from '../platform/counts/differences.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Article } from './article.js';
import { linkKey } from './parse/identity-keys.js';

const HOLD_REASON = `
  (select jsonb_build_object('code', h.code, 'newItems', h.new_items, 'totalItems', h.total_items)
     from article_holds h
    where h.id = articles.hold_id
      and articles.state = 'held') as hold_reason
`;

const holdReasonColumn = raw(HOLD_REASON);

export const articleColumns = raw(`
  id, publication_id, feed_id, external_id, url, title, summary, content_html, authors, image, categories,
  published_at, updated_at, first_seen_at, state, hold_id, retraction, release_at, seq, ${HOLD_REASON}
`);

/** Articles of each publication by state, counted anew. */
export const articleSource: CountSource = {
  name: 'articles',
  rows: sql`
    select publication_id as owner_id, array[state] as key, null::timestamptz as at, count(*) as count
      from articles
     group by publication_id, state`,
};

export function findArticle(db: Db | Tx, id: string): Promise<Article | undefined> {
  return db.maybe<Article>(sql`
    select ${articleColumns}
      from articles
     where id = ${id}
  `);
}

/** The publication of an article. */
export const findArticlePublication = publicationFinder('articles');

export function findArticles(db: Db | Tx, ids: string[]): Promise<Article[]> {
  return db.many<Article>(sql`
    select ${articleColumns}
      from articles
     where id = any(${ids}::uuid[])
  `);
}

/** Newest first, one page. */
export function listArticles(db: Db | Tx, publicationId: string, limit: number): Promise<Article[]> {
  return db.many<Article>(sql`
    select ${articleColumns}
      from articles
     where publication_id = ${publicationId}
     order by first_seen_at desc, id desc
     limit ${limit}
  `);
}

/** The released articles above a number, in order: what planning hands out. Not those of before the publication was live. */
export function listReleasedAbove(
  db: Db | Tx,
  publicationId: string,
  seq: number,
): Promise<{ id: string; seq: number; categories: string[] }[]> {
  return db.many(sql`
    select id, seq, array_remove(categories, null) as categories
      from articles
     where publication_id = ${publicationId}
       and state = 'released'
       and seq > greatest(${seq}::bigint, (select live_after_seq from publications where id = ${publicationId}))
     order by seq
  `);
}

/** The newest released articles, newest first. */
export function listLatestReleased(db: Db | Tx, publicationId: string, limit: number): Promise<Article[]> {
  return db.many<Article>(sql`
    select ${articleColumns}
      from articles
     where publication_id = ${publicationId}
       and state = 'released'
     order by seq desc
     limit ${limit}
  `);
}

/** One page, newest first; ids sort by time. */
export function listArticlesPage(
  db: Db | Tx,
  where: {
    publicationId: string;
    state: Article['state'] | undefined;
    before: string | undefined;
    limit: number;
  },
): Promise<Article[]> {
  const older = where.before === undefined ? sql`` : sql`and id < ${where.before}`;
  const inState = where.state === undefined ? sql`` : sql`and state = ${where.state}`;
  return db.many<Article>(sql`
    select ${articleColumns}
      from articles
     where publication_id = ${where.publicationId}
       ${inState}
       ${older}
     order by id desc
     limit ${where.limit}
  `);
}

/** The waiting articles whose hold window is over by then, in the order they will be released. */
export function listWaitingUntil(
  db: Db | Tx,
  publicationId: string,
  until: Date,
): Promise<{ id: string; categories: string[] }[]> {
  return db.many(sql`
    select id, categories
      from articles
     where publication_id = ${publicationId}
       and state = 'waiting'
       and release_at <= ${until}
     order by release_at, coalesce(published_at, first_seen_at), id
  `);
}

/** What stands in the way of an article's release. */
export type ReleaseState = Pick<Article, 'id' | 'state' | 'releaseAt' | 'holdReason'>;

/** Those of these that are articles of this publication. */
export function listReleaseStates(
  db: Db | Tx,
  publicationId: string,
  ids: readonly string[],
): Promise<ReleaseState[]> {
  return db.many<ReleaseState>(sql`
    select id, state, release_at, ${holdReasonColumn}
      from articles
     where id = any(${ids}::uuid[])
       and publication_id = ${publicationId}
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

/** Enough of an article to announce it. */
export type Teaser = Pick<Article, 'id' | 'title' | 'url' | 'summary' | 'updatedAt' | 'seq' | 'state'>;

/** Several at once, in no order. */
export function findTeasers(db: Db, ids: string[]): Promise<Teaser[]> {
  return db.many<Teaser>(sql`
    select id, title, url, summary, updated_at, seq, state
      from articles
     where id = any(${ids}::uuid[])
  `);
}

/**
 * When the newest articles came out, newest first: at most 400, none before `since`. Those that were in the feed already
 * when it was added tell of its rhythm too, by their own dates; one that came again under another id counts once.
 */
export async function listReleaseTimes(db: Db, publicationId: string, since: Date): Promise<Date[]> {
  const rows = await db.many<{ at: Date }>(sql`
    select distinct least(published_at, first_seen_at) as at, title
      from (select published_at, first_seen_at, title
              from articles
             where publication_id = ${publicationId}
               and (state = 'released' or (state = 'skipped' and published_at is not null))
             order by id desc
             limit 400) as newest
     order by at desc
  `);
  return rows.flatMap(({ at }) => (at >= since ? [at] : []));
}
