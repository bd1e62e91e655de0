import type { Article } from '../articles/article.js';
import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** How many readers some articles would be mailed to: within minutes, and with their next digest. */
export type ExpectedReaders = { atOnce: number; later: number };

/** Confirmed readers whose topics meet those of at least one of the articles. */
export function countExpectedReaders(
  db: Db | Tx,
  publicationId: string,
  articles: readonly Pick<Article, 'categories'>[],
): Promise<ExpectedReaders> {
  const topics = articles.flatMap(({ categories }) => categories.map((topic) => topic.trim().toLowerCase()));
  return db.one<ExpectedReaders>(sql`
    select count(*) filter (where cadence = 'instant') as at_once,
           count(*) filter (where cadence <> 'instant') as later
      from subscriptions
     where publication_id = ${publicationId}
       and status = 'confirmed'
       and ${articles.length > 0}
       and (cardinality(topics) = 0
            or exists (select from unnest(topics) as topic where lower(trim(topic)) = any(${topics}::text[])))
  `);
}
