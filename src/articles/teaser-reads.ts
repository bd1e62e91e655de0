import type { Db } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Article } from './article.js';

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
