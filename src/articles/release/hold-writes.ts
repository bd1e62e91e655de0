import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import type { ArticleHold } from './hold.js';

export function insertHold(
  tx: Tx,
  hold: Pick<ArticleHold, 'publicationId' | 'feedId' | 'code' | 'reason'>,
  now: Date,
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into article_holds (publication_id, feed_id, code, reason, held_at)
    values (${hold.publicationId}, ${hold.feedId}, ${hold.code}, ${hold.reason}, ${now})
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
       and state = 'waiting'
       for update
  `);
}

/** waiting -> held */
export function holdWaitingArticle(
  tx: Tx,
  id: string,
  hold: { id: string; reason: string },
): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'held',
           hold_id = ${hold.id},
           hold_reason = ${hold.reason}
     where id = ${id}
       and state = 'waiting'
  `);
}

/** Any state -> retracted, for good. It keeps its number, if it had one: numbers are never given twice. */
export function markRetracted(tx: Tx, id: string): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'retracted',
           retraction = 'by-hand',
           hold_reason = null
     where id = ${id}
       and (state <> 'retracted' or retraction = 'vanished')
  `);
}

/** held or waiting -> retracted, until the feed shows it again. */
export function markVanished(tx: Tx, ids: readonly string[], reason: string): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'retracted',
           retraction = 'vanished',
           hold_reason = ${reason}
     where id = any(${arrayLiteral(ids)}::uuid[])
       and state in ('held', 'waiting')
  `);
}

/** Back from having vanished: those that no guard had stopped -> waiting, with a hold window of their own. */
export function restoreVanishedToWaiting(
  tx: Tx,
  rows: readonly { id: string; releaseAt: Date }[],
): Promise<number> {
  return tx.run(sql`
    update articles a
       set state = 'waiting',
           retraction = null,
           hold_reason = null,
           release_at = given.release_at
      from unnest(${arrayLiteral(rows.map(({ id }) => id))}::uuid[],
                  ${dateArrayLiteral(rows.map(({ releaseAt }) => releaseAt))}::timestamptz[]) as given (id, release_at)
     where a.id = given.id
       and a.retraction = 'vanished'
       and a.hold_id is null
  `);
}

/** Back from having vanished: those that an operator has to decide on -> held. */
export function restoreVanishedToHeld(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    update articles a
       set state = 'held',
           retraction = null,
           hold_reason = h.reason
      from article_holds h
     where a.id = any(${arrayLiteral(ids)}::uuid[])
       and a.retraction = 'vanished'
       and h.id = a.hold_id
  `);
}
