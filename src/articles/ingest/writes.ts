import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import type { IdentityKey } from '../parse/identity-keys.js';

/** A name that another article had is the newer one's from now on. No name twice. */
export function insertIdentityKeys(
  tx: Tx,
  publicationId: string,
  keys: readonly { key: IdentityKey; articleId: string }[],
): Promise<number> {
  return tx.run(sql`
    insert into article_identity_keys (publication_id, key, article_id)
    select ${publicationId}, key, article_id
      from unnest(${arrayLiteral(keys.map(({ key }) => key))}::text[],
                  ${arrayLiteral(keys.map(({ articleId }) => articleId))}::uuid[]) as given (key, article_id)
    on conflict (publication_id, key) do update
       set article_id = excluded.article_id
  `);
}

/** What a feed says of articles now. It shows them. */
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

/** Which articles the feed shows no more. */
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
