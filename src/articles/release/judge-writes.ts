import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { Article, HoldCode } from '../article.js';
import { ARTICLE_TRANSITIONS } from '../transitions.js';

/** An article that still waits or is held, as it is stored; `code`: why it is held. */
export type UndecidedArticle = Pick<
  Article,
  'id' | 'feedId' | 'title' | 'summary' | 'contentHtml' | 'image' | 'publishedAt' | 'releaseAt' | 'categories'
> & {
  code: HoldCode | null;
  /** Another article with its title is out already, or about to be. */
  isTitleTaken: boolean;
};

/** Of these articles those that wait or are held; locked. */
export function lockUndecided(
  tx: Tx,
  publicationId: string,
  ids: readonly string[],
): Promise<UndecidedArticle[]> {
  return tx.many<UndecidedArticle>(sql`
    select a.id, a.feed_id, a.title, a.summary, a.content_html, a.image, a.published_at, a.release_at, a.categories,
           (select h.code from article_holds h where h.id = a.hold_id and a.state = 'held') as code,
           exists (
             select
               from articles other
              where other.publication_id = ${publicationId}
                and other.id <> a.id
                and (other.seq is not null or other.state = 'waiting')
                and upper(other.title) = upper(a.title)
           ) as is_title_taken
      from articles a
     where a.id = any(${arrayLiteral(ids)}::uuid[])
       and a.publication_id = ${publicationId}
       and a.state in ('waiting', 'held')
     order by a.id
       for no key update
  `);
}

/** waiting or held -> held by another hold. */
export function moveToHold(tx: Tx, ids: readonly string[], holdId: string): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'held',
           hold_id = ${holdId}
     where id = any(${arrayLiteral(ids)}::uuid[])
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'judge')}::text[])
  `);
}

/** held -> waiting: the reason is gone. */
export function moveToWaiting(tx: Tx, rows: readonly { id: string; releaseAt: Date }[]): Promise<number> {
  return tx.run(sql`
    update articles a
       set state = 'waiting',
           hold_id = null,
           release_at = given.release_at
      from unnest(${arrayLiteral(rows.map(({ id }) => id))}::uuid[],
                  ${dateArrayLiteral(rows.map(({ releaseAt }) => releaseAt))}::timestamptz[]) as given (id, release_at)
     where a.id = given.id
       and a.state = 'held'
  `);
}

/** The holds that these articles leave cover that many less: their sentences count them. */
export function uncover(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    update article_holds h
       set held_items = greatest(h.held_items - left_it.count, 0)
      from (select hold_id, count(*) as count
              from articles
             where id = any(${arrayLiteral(ids)}::uuid[])
               and state = 'held'
             group by hold_id) as left_it
     where h.id = left_it.hold_id
  `);
}
