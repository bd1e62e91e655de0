import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Article } from './article.js';
import type { FailingFeed, Feed, HubsDue } from './feed.js';

export const columns = raw(`
  id, publication_id, feed_id, external_id, url, title, summary, content_html, authors, image, categories,
  published_at, updated_at, first_seen_at, state, hold_id, hold_reason, retraction, release_at, seq
`);

const feedColumns = raw(`
  id, publication_id, url, title, etag, last_modified, next_poll_at, last_polled_at, first_poll_done, include_newest,
  failing_since, failure, poll_minutes, last_new_at, gone_at,
  hub_url, hub_topic, hub_asked_at, hub_key_id, hub_until, created_at
`);

export function findFeed(db: Db | Tx, id: string): Promise<Feed | undefined> {
  return db.maybe<Feed>(sql`
    select ${feedColumns}
      from feeds
     where id = ${id}
       and removed_at is null
  `);
}

export function listFeeds(db: Db | Tx, publicationId: string): Promise<Feed[]> {
  return db.many<Feed>(sql`
    select ${feedColumns}
      from feeds
     where publication_id = ${publicationId}
       and removed_at is null
     order by created_at, id
  `);
}

export function findArticle(db: Db | Tx, id: string): Promise<Article | undefined> {
  return db.maybe<Article>(sql`
    select ${columns}
      from articles
     where id = ${id}
  `);
}

export function findArticles(db: Db | Tx, ids: string[]): Promise<Article[]> {
  return db.many<Article>(sql`
    select ${columns}
      from articles
     where id = any(${ids}::uuid[])
  `);
}

/** Newest first, one page. */
export function listArticles(db: Db | Tx, publicationId: string, limit: number): Promise<Article[]> {
  return db.many<Article>(sql`
    select ${columns}
      from articles
     where publication_id = ${publicationId}
     order by first_seen_at desc, id desc
     limit ${limit}
  `);
}

/** The released articles above a number, in order: what planning hands out. */
export function listReleasedAbove(
  db: Db | Tx,
  publicationId: string,
  seq: number,
): Promise<{ id: string; seq: number; categories: string[] }[]> {
  return db.many(sql`
    select id, seq, categories
      from articles
     where publication_id = ${publicationId}
       and state = 'released'
       and seq > ${seq}
     order by seq
  `);
}

/** The newest released articles, newest first. */
export function listLatestReleased(db: Db | Tx, publicationId: string, limit: number): Promise<Article[]> {
  return db.many<Article>(sql`
    select ${columns}
      from articles
     where publication_id = ${publicationId}
       and state = 'released'
     order by seq desc
     limit ${limit}
  `);
}

export async function countFromFeed(db: Db | Tx, feed: Pick<Feed, 'id' | 'publicationId'>): Promise<number> {
  const row = await db.one<{ count: number }>(sql`
    select count(*) as count
      from articles
     where publication_id = ${feed.publicationId}
       and feed_id = ${feed.id}
  `);
  return row.count;
}

/**
 * Those of these titles under which something was released, or waits to be, in letters of whatever case. The database folds both sides,
 * since it and JavaScript differ; upper case, since a small sigma is another one at the end of a word.
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

/** Publications with articles whose hold window is over; an archived one releases nothing any more. */
export function listDueForRelease(db: Db | Tx, now: Date): Promise<{ publicationId: string }[]> {
  return db.many<{ publicationId: string }>(sql`
    select distinct a.publication_id
      from articles a
      join publications p on p.id = a.publication_id
     where a.state = 'waiting'
       and a.release_at <= ${now}
       and p.archived_at is null
  `);
}

/** Feeds that have not worked since some moment of this stretch; nobody waits for those of an archived publication. */
export function listFailingFeeds(db: Db | Tx, since: { from: Date; to: Date }): Promise<FailingFeed[]> {
  return db.many<FailingFeed>(sql`
    select f.id, f.publication_id, f.url, f.failure, f.failing_since
      from feeds f
      join publications p on p.id = f.publication_id
     where f.failing_since >= ${since.from}
       and f.failing_since <= ${since.to}
       and f.removed_at is null
       and p.archived_at is null
     order by f.failing_since
  `);
}

/** Feeds whose hub is to be asked: not asked yet, or its promise ends soon; one that does not answer is left for a while. */
export function listHubsDue(db: Db, { endsBefore, askedBefore }: HubsDue): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select f.id
      from feeds f
      join publications p on p.id = f.publication_id
     where f.hub_url is not null
       and f.removed_at is null
       and f.gone_at is null
       and p.archived_at is null
       and (f.hub_until is null or f.hub_until < ${endsBefore})
       and (f.hub_asked_at is null or f.hub_asked_at < ${askedBefore})
     limit 100
  `);
}

/** Feeds to look at now, longest due first; nobody looks at those of an archived publication. */
export function listFeedsDue(db: Db | Tx, now: Date, limit: number): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select f.id
      from feeds f
      join publications p on p.id = f.publication_id
     where f.next_poll_at <= ${now}
       and f.gone_at is null
       and f.removed_at is null
       and p.archived_at is null
     order by f.next_poll_at
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
    select ${columns}
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

/** Whether all of these are released articles of this publication. */
export async function areReleased(
  db: Db | Tx,
  publicationId: string,
  ids: readonly string[],
): Promise<boolean> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from articles
     where id = any(${ids}::uuid[])
       and publication_id = ${publicationId}
       and state = 'released'
  `);
  return count === new Set(ids).size;
}
