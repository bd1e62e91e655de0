import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { ARTICLE_TRANSITIONS } from '../transitions.js';
import type { IdentityKey } from '../parse/identity-keys.js';
import type { ArticleContent, Article } from '../article.js';

/** A key that another article had belongs to this one from now on. `keys` holds no key twice. */
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

/** held or waiting -> retracted, until the feed shows it again. */
export function markVanished(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'retracted',
           retraction = 'vanished'
     where id = any(${arrayLiteral(ids)}::uuid[])
       and state = any(${statesBefore(ARTICLE_TRANSITIONS, 'vanish')}::text[])
  `);
}

/** retracted (vanished) -> waiting: shown again, and no hold rule had stopped them. */
export function restoreVanishedToWaiting(
  tx: Tx,
  rows: readonly { id: string; releaseAt: Date }[],
): Promise<number> {
  return tx.run(sql`
    update articles a
       set state = 'waiting',
           retraction = null,
           release_at = given.release_at
      from unnest(${arrayLiteral(rows.map(({ id }) => id))}::uuid[],
                  ${dateArrayLiteral(rows.map(({ releaseAt }) => releaseAt))}::timestamptz[]) as given (id, release_at)
     where a.id = given.id
       and a.retraction = 'vanished'
       and a.hold_id is null
  `);
}

/** retracted (vanished) -> held: shown again, and their hold is still to be decided. */
export function restoreVanishedToHeld(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    update articles a
       set state = 'held',
           retraction = null
     where a.id = any(${arrayLiteral(ids)}::uuid[])
       and a.retraction = 'vanished'
       and a.hold_id is not null
  `);
}

/** Ids for rows that are inserted together with rows that refer to them; ascending, since ids sort by time. */
export async function createArticleIds(tx: Tx, count: number): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`
    select uuidv7() as id
      from generate_series(1, ${count})
  `);
  return rows.map(({ id }) => id).toSorted();
}

export type NewArticleRow = ArticleContent & {
  id: string;
  externalId: string;
  state: 'waiting' | 'held' | 'skipped';
  holdId: string | null;
  releaseAt: Date;
};

/** Any number of articles from one source; null: from the API or the command line. */
export function insertArticleRows(
  tx: Tx,
  { publicationId, feedId }: Pick<Article, 'publicationId' | 'feedId'>,
  rows: readonly NewArticleRow[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into articles (id, publication_id, feed_id, external_id, url, title, summary, content_html, authors, image,
                          categories, published_at, updated_at, first_seen_at, state, hold_id, release_at)
    select id, ${publicationId}, ${feedId}, "externalId", url, title, summary, "contentHtml", authors, image,
           categories, "publishedAt", "updatedAt", ${now}, state, "holdId", "releaseAt"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given (id uuid, "externalId" text, url text, title text, summary text, "contentHtml" text, authors text[],
                  image text, categories text[], "publishedAt" timestamptz, "updatedAt" timestamptz, state text,
                  "holdId" uuid, "releaseAt" timestamptz)
  `);
}

/** Corrects articles in any state but retracted. `releaseAt` null: it stays. */
export function updateArticles(
  tx: Tx,
  rows: readonly (ArticleContent & { id: string; releaseAt: Date | null })[],
): Promise<number> {
  return tx.run(sql`
    update articles a
       set url = given.url,
           title = given.title,
           summary = given.summary,
           content_html = given."contentHtml",
           authors = given.authors,
           image = given.image,
           categories = given.categories,
           published_at = given."publishedAt",
           updated_at = given."updatedAt",
           release_at = coalesce(given."releaseAt", a.release_at)
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given (id uuid, url text, title text, summary text, "contentHtml" text, authors text[], image text,
                  categories text[], "publishedAt" timestamptz, "updatedAt" timestamptz, "releaseAt" timestamptz)
     where a.id = given.id
       and a.state <> 'retracted'
  `);
}

export function setCategories(tx: Tx, rows: readonly Pick<Article, 'id' | 'categories'>[]): Promise<number> {
  return tx.run(sql`
    update articles a
       set categories = given.categories
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (id uuid, categories text[])
     where a.id = given.id
  `);
}
