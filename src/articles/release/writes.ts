import { statesBefore } from '../../platform/db/transitions.js';
import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import type { Article } from '../article.js';
import { ARTICLE_TRANSITIONS } from '../transitions.js';

/** The waiting articles whose time has come, in the order they were published; locked. */
export function lockDueForRelease(tx: Tx, publicationId: string, now: Date): Promise<{ id: string }[]> {
  return tx.many<{ id: string }>(sql`
    select id
      from articles
     where publication_id = ${publicationId}
       and state = 'waiting'
       and release_at <= ${now}
     order by coalesce(published_at, first_seen_at), id
       for update
  `);
}

/** waiting -> released, with the articles' numbers. */
export function markReleased(
  tx: Tx,
  articles: readonly { id: string; seq: number }[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update articles a
       set state = 'released',
           seq = numbered.seq,
           released_at = ${now}
      from unnest(${articles.map((article) => article.id)}::uuid[],
                  ${articles.map((article) => article.seq)}::bigint[]) as numbered (id, seq)
     where a.id = numbered.id
       and a.state = any(${statesBefore(ARTICLE_TRANSITIONS, 'release')}::text[])
  `);
}

/** held, waiting, or retracted before it had a number -> waiting, due now: an operator's decision passes the hold rules. */
export function markDueNow(
  tx: Tx,
  ids: readonly string[],
  now: Date,
): Promise<{ id: string; publicationId: string }[]> {
  return tx.many<{ id: string; publicationId: string }>(sql`
    update articles
       set state = 'waiting',
           hold_id = null,
           retraction = null,
           release_at = ${now}
     where id = any(${arrayLiteral(ids)}::uuid[])
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'release-now')}::text[])
       and (state <> 'retracted' or seq is null)
    returning id, publication_id
  `);
}

/** held or waiting -> skipped: marked as already sent. Its hold is remembered. */
export function markSkipped(
  tx: Tx,
  ids: readonly string[],
): Promise<{ id: string; publicationId: string }[]> {
  return tx.many<{ id: string; publicationId: string }>(sql`
    update articles
       set state = 'skipped'
     where id = any(${arrayLiteral(ids)}::uuid[])
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'skip')}::text[])
    returning id, publication_id
  `);
}

/** waiting -> skipped: what bears a date up to then, or came without one. Its release may be later, by the hold window. */
export function skipWaitingPublishedBefore(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'skipped'
     where state = 'waiting'
       and coalesce(published_at, first_seen_at) <= ${now}
  `);
}

/** retracted -> released under the number it had: some were mailed it, who was not due yet gets it. */
export function restoreReleased(tx: Tx, id: string): Promise<{ publicationId: string } | undefined> {
  return tx.maybe(sql`
    update articles
       set state = 'released',
           retraction = null
     where id = ${id}
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'restore')}::text[])
       and seq is not null
    returning publication_id
  `);
}

/** retracted -> waiting, due now and without its old number: nobody was mailed it, and everybody is to get it. */
export function resetForRelease(
  tx: Tx,
  id: string,
  now: Date,
): Promise<{ publicationId: string } | undefined> {
  return tx.maybe(sql`
    update articles
       set state = 'waiting',
           retraction = null,
           hold_id = null,
           seq = null,
           released_at = null,
           release_at = ${now}
     where id = ${id}
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'restore')}::text[])
    returning publication_id
  `);
}

/** Any state -> retracted, for good. It keeps its number, if it had one: numbers are never given twice. */
export function markRetracted(
  tx: Tx,
  id: string,
): Promise<{ publicationId: string; previousState: Article['state'] } | undefined> {
  return tx.maybe(sql`
    with previous as (
      select id, state
        from articles
       where id = ${id}
         and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'retract')}::text[])
         and (state <> 'retracted' or retraction = 'vanished')
         for no key update
    )
    update articles a
       set state = 'retracted',
           retraction = 'by-hand'
      from previous
     where a.id = previous.id
    returning a.publication_id, previous.state as previous_state
  `);
}
