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

/** When the newest released articles came to us, newest first: at most 400, none before `since`. */
export async function listReleaseTimes(db: Db, publicationId: string, since: Date): Promise<Date[]> {
  const rows = await db.many<{ firstSeenAt: Date }>(sql`
    select first_seen_at
      from articles
     where publication_id = ${publicationId}
       and state = 'released'
     order by seq desc
     limit 400
  `);
  return rows.flatMap(({ firstSeenAt }) => (firstSeenAt >= since ? [firstSeenAt] : []));
}
