import type { Db, Tx } from '../../platform/db/database.js';
import { publicationFinder } from '../../platform/db/publication-finder.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Article } from '../article.js';
import type { ArticleHold } from './hold.js';
import { articleColumns } from '../reads.js';

const holdColumns = raw(`
  h.id, h.publication_id, h.feed_id, h.code, h.new_items, h.total_items, h.held_items, h.held_at,
  (select count(*) from articles a where a.hold_id = h.id and a.state = 'held') as count,
  array(
    select a.title
      from articles a
     where a.hold_id = h.id
       and a.state = 'held'
     order by coalesce(a.published_at, a.first_seen_at) desc, a.id
     limit 5
  ) as titles,
  (select f.title from feeds f where f.id = h.feed_id) as feed_title,
  (select f.url from feeds f where f.id = h.feed_id) as feed_url
`);

export function findHold(db: Db | Tx, id: string): Promise<ArticleHold | undefined> {
  return db.maybe<ArticleHold>(sql`
    select ${holdColumns}
      from article_holds h
     where h.id = ${id}
  `);
}

/** The publication of a hold. */
export const findHoldPublication = publicationFinder('article_holds');

/** The undecided holds of a publication, newest first, one page. */
export function listHolds(
  db: Db | Tx,
  where: { publicationId: string; before: string | undefined; limit: number },
): Promise<ArticleHold[]> {
  const older = where.before === undefined ? sql`` : sql`and h.id < ${where.before}`;
  return db.many<ArticleHold>(sql`
    select ${holdColumns}
      from article_holds h
     where h.publication_id = ${where.publicationId}
       and h.id in (
         select hold_id
           from articles
          where publication_id = ${where.publicationId}
            and state = 'held'
       )
       ${older}
     order by h.id desc
     limit ${where.limit}
  `);
}

/** Undecided holds that hold rules made since then, of all publications that are not archived. */
export function listUndecidedHolds(db: Db | Tx, since: Date): Promise<ArticleHold[]> {
  return db.many<ArticleHold>(sql`
    select ${holdColumns}
      from article_holds h
      join publications p on p.id = h.publication_id
     where h.held_at >= ${since}
       and h.code <> 'by-hand'
       and p.archived_at is null
       and exists (select from articles a where a.hold_id = h.id and a.state = 'held')
     order by h.id
  `);
}

/** The articles that a hold still holds, newest first. */
export function listHeldArticles(db: Db | Tx, holdId: string): Promise<Article[]> {
  return db.many<Article>(sql`
    select ${articleColumns}
      from articles
     where hold_id = ${holdId}
       and state = 'held'
     order by coalesce(published_at, first_seen_at) desc, id
  `);
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
