import type { Tx } from '../platform/db/database.js';
import { list } from '../platform/db/list.js';
import { sql } from '../platform/db/sql.js';
import type { ArticleName } from './identity.js';

/** A name that another article had is the newer one's from now on. No name twice. */
export function insertNames(
  tx: Tx,
  publicationId: string,
  names: readonly { name: ArticleName; articleId: string }[],
): Promise<number> {
  return tx.run(sql`
    insert into article_names (publication_id, name, article_id)
    select ${publicationId}, name, article_id
      from unnest(${list(names.map(({ name }) => name))}::text[],
                  ${list(names.map(({ articleId }) => articleId))}::uuid[]) as given (name, article_id)
    on conflict (publication_id, name) do update
       set article_id = excluded.article_id
  `);
}

/** What a feed says of articles now. It shows them. */
export function noteSightings(
  tx: Tx,
  feedId: string,
  rows: readonly { articleId: string; version: string; categories: string[] }[],
): Promise<number> {
  return tx.run(sql`
    insert into article_sightings (feed_id, article_id, version, categories)
    select ${feedId}, "articleId", version, categories
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given ("articleId" uuid, version text, categories text[])
    on conflict (feed_id, article_id) do update
       set version = excluded.version,
           categories = excluded.categories,
           gone_at = null
  `);
}

/** Which articles the feed shows no more. */
export async function noteGone(
  tx: Tx,
  feedId: string,
  shown: readonly string[],
  now: Date,
): Promise<string[]> {
  const rows = await tx.many<{ articleId: string }>(sql`
    update article_sightings
       set gone_at = ${now}
     where feed_id = ${feedId}
       and gone_at is null
       and article_id <> all(${list(shown)}::uuid[])
    returning article_id
  `);
  return rows.map(({ articleId }) => articleId);
}
