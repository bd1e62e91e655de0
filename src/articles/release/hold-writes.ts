import { statesBefore } from '../../platform/db/transitions.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { ArticleHold } from './hold.js';
import { ARTICLE_TRANSITIONS } from '../transitions.js';

export function insertHold(
  tx: Tx,
  hold: Pick<ArticleHold, 'publicationId' | 'feedId' | 'code' | 'newItems' | 'totalItems' | 'heldItems'>,
  now: Date,
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into article_holds (publication_id, feed_id, code, new_items, total_items, held_items, held_at)
    values (${hold.publicationId}, ${hold.feedId}, ${hold.code}, ${hold.newItems}, ${hold.totalItems},
            ${hold.heldItems}, ${now})
    returning id
  `);
}

/** The row of an article that still waits; undefined when it is too late to stop it. */
export function lockWaitingArticle(
  tx: Tx,
  id: string,
): Promise<{ publicationId: string; feedId: string | null } | undefined> {
  return tx.maybe(sql`
    select publication_id, feed_id
      from articles
     where id = ${id}
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'hold')}::text[])
       for update
  `);
}

/** waiting -> held */
export function holdWaitingArticle(tx: Tx, id: string, holdId: string): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'held',
           hold_id = ${holdId}
     where id = ${id}
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'hold')}::text[])
  `);
}
