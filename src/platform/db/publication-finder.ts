import { arrayLiteral } from './array-literal.js';
import type { Db, Tx } from './database.js';
import { raw, sql } from './sql.js';

/** The publication of a row, by the row's id, if it is one of these; undefined: there is none, or it is of another. */
export type FindPublicationOf = (
  db: Db | Tx,
  publicationIds: readonly string[],
  id: string,
) => Promise<{ publicationId: string } | undefined>;

/**
 * How rows of other publications are kept apart: they are looked up with the publication, and not compared afterwards.
 * @param which a condition, where not every row of the table counts
 */
export function publicationFinder(
  table:
    | 'articles'
    | 'article_holds'
    | 'digests'
    | 'drafts'
    | 'exports'
    | 'feeds'
    | 'imports'
    | 'reader_changes'
    | 'sign_up_requests'
    | 'subscriptions',
  which = sql`true`,
): FindPublicationOf {
  return (db, publicationIds, id) =>
    db.maybe<{ publicationId: string }>(sql`
      select publication_id
        from ${raw(table)}
       where id = ${id}
         and publication_id = any(${arrayLiteral(publicationIds)}::uuid[])
         and ${which}
    `);
}
