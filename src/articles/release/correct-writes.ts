import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { ArticleContent, Article } from '../article.js';
import { articleColumns } from '../reads.js';

/** What an operator may correct. */
export type EditableContent = Omit<ArticleContent, 'updatedAt'>;

/**
 * Undefined when there is no such article, or it was retracted. One that waits is released no sooner than its date, as
 * when it came.
 */
export function updateArticle(
  tx: Tx,
  id: string,
  row: EditableContent,
  now: Date,
): Promise<Article | undefined> {
  return tx.maybe<Article>(sql`
    update articles
       set url = ${row.url},
           title = ${row.title},
           summary = ${row.summary},
           content_html = ${row.contentHtml},
           authors = ${row.authors},
           image = ${row.image},
           categories = ${row.categories},
           published_at = ${row.publishedAt},
           updated_at = ${now},
           release_at = case
             when state <> 'waiting' or release_at <= ${now} or published_at is not distinct from ${row.publishedAt}
             then release_at
             else greatest(${row.publishedAt}, first_seen_at + make_interval(mins => (
               select hold_minutes
                 from publications
                where id = publication_id
             )))
           end
     where id = ${id}
       and state <> 'retracted'
    returning ${articleColumns}
  `);
}
