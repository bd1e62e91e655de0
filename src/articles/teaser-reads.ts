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
