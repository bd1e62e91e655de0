import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
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
