import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Article } from './article.js';

export const articleColumns = raw(`
  id, publication_id, feed_id, external_id, url, title, summary, content_html, authors, image, categories,
  published_at, updated_at, first_seen_at, state, hold_id, hold_reason, retraction, release_at, seq
`);

export function findArticle(db: Db | Tx, id: string): Promise<Article | undefined> {
  return db.maybe<Article>(sql`
    select ${articleColumns}
      from articles
     where id = ${id}
  `);
}

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
    select ${articleColumns}
      from articles
     where publication_id = ${publicationId}
       and state = 'released'
     order by seq desc
     limit ${limit}
  `);
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
export function listPublicationsDueForRelease(db: Db | Tx, now: Date): Promise<{ publicationId: string }[]> {
  return db.many<{ publicationId: string }>(sql`
    select distinct a.publication_id
      from articles a
      join publications p on p.id = a.publication_id
     where a.state = 'waiting'
       and a.release_at <= ${now}
       and p.archived_at is null
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
