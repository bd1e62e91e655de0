import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { ARTICLE_TRANSITIONS } from '../transitions.js';

/** What a feed shows of articles now. */
export function recordSightings(
  tx: Tx,
  feedId: string,
  rows: readonly { articleId: string; contentHash: string; categories: string[] }[],
): Promise<number> {
  return tx.run(sql`
    insert into article_sightings (feed_id, article_id, content_hash, categories)
    select ${feedId}, "articleId", "contentHash", categories
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given ("articleId" uuid, "contentHash" text, categories text[])
    on conflict (feed_id, article_id) do update
       set content_hash = excluded.content_hash,
           categories = excluded.categories,
           missing_since = null
  `);
}

/** Marks the articles that the feed no longer shows, and returns their ids. */
export async function recordMissing(
  tx: Tx,
  feedId: string,
  shown: readonly string[],
  now: Date,
): Promise<string[]> {
  const rows = await tx.many<{ articleId: string }>(sql`
    update article_sightings
       set missing_since = ${now}
     where feed_id = ${feedId}
       and missing_since is null
       and article_id <> all(${arrayLiteral(shown)}::uuid[])
    returning article_id
  `);
  return rows.map(({ articleId }) => articleId);
}

type ChangedArticle = { id: string; publicationId: string };

/** held or waiting -> retracted, until the feed shows it again. */
export function markVanished(tx: Tx, ids: readonly string[]): Promise<ChangedArticle[]> {
  return tx.many<ChangedArticle>(sql`
    update articles
       set state = 'retracted',
           retraction = 'vanished'
     where id = any(${arrayLiteral(ids)}::uuid[])
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'vanish')}::text[])
    returning id, publication_id
  `);
}

/** retracted (vanished) -> waiting: shown again, and no hold rule had stopped them. */
export function restoreVanishedToWaiting(
  tx: Tx,
  rows: readonly { id: string; releaseAt: Date }[],
): Promise<ChangedArticle[]> {
  return tx.many<ChangedArticle>(sql`
    update articles a
       set state = 'waiting',
           retraction = null,
           release_at = given.release_at
      from unnest(${arrayLiteral(rows.map(({ id }) => id))}::uuid[],
                  ${dateArrayLiteral(rows.map(({ releaseAt }) => releaseAt))}::timestamptz[]) as given (id, release_at)
     where a.id = given.id
       and a.retraction = 'vanished'
       and a.hold_id is null
    returning a.id, a.publication_id
  `);
}

/** retracted (vanished) -> held: shown again, and their hold is still to be decided. */
export function restoreVanishedToHeld(tx: Tx, ids: readonly string[]): Promise<ChangedArticle[]> {
  return tx.many<ChangedArticle>(sql`
    update articles a
       set state = 'held',
           retraction = null
     where a.id = any(${arrayLiteral(ids)}::uuid[])
       and a.retraction = 'vanished'
       and a.hold_id is not null
    returning a.id, a.publication_id
  `);
}
