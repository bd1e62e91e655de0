import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Article } from './article.js';
import { articleColumns } from './reads.js';

/** Whoever takes in, releases or decides on several articles of a publication waits here for whoever does so already. */
export function lockArticles(tx: Tx, publicationId: string): Promise<number> {
  return tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`articles ${publicationId}`}, 0))
  `);
}

/** Ids for rows that go in together with what refers to them; in order, as ids sort by time. */
export async function createArticleIds(tx: Tx, count: number): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`
    select uuidv7() as id
      from generate_series(1, ${count})
  `);
  return rows.map(({ id }) => id).toSorted();
}

/** What an article says, before it is a row. */
export type ArticleContent = Pick<
  Article,
  | 'url'
  | 'title'
  | 'summary'
  | 'contentHtml'
  | 'authors'
  | 'image'
  | 'categories'
  | 'publishedAt'
  | 'updatedAt'
>;

export type NewArticleRow = ArticleContent & {
  id: string;
  externalId: string;
  state: 'waiting' | 'held' | 'skipped';
  holdId: string | null;
  holdReason: string | null;
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
                          categories, published_at, updated_at, first_seen_at, state, hold_id, hold_reason, release_at)
    select id, ${publicationId}, ${feedId}, "externalId", url, title, summary, "contentHtml", authors, image,
           categories, "publishedAt", "updatedAt", ${now}, state, "holdId", "holdReason", "releaseAt"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given (id uuid, "externalId" text, url text, title text, summary text, "contentHtml" text, authors text[],
                  image text, categories text[], "publishedAt" timestamptz, "updatedAt" timestamptz, state text,
                  "holdId" uuid, "holdReason" text, "releaseAt" timestamptz)
  `);
}

/** Better words for articles in any state. `releaseAt` null: as it was. */
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

/** What an operator may correct. */
export type EditableContent = Omit<ArticleContent, 'updatedAt'>;

/**
 * Undefined when there is no such article, or it was retracted. One that waits is released no sooner than its date, as
 * when it came.
 */
export function updateArticle(
  tx: Tx,
  id: string,
  row: EditableContent,
  now: Date,
): Promise<Article | undefined> {
  return tx.maybe<Article>(sql`
    update articles
       set url = ${row.url},
           title = ${row.title},
           summary = ${row.summary},
           content_html = ${row.contentHtml},
           authors = ${row.authors},
           image = ${row.image},
           categories = ${row.categories},
           published_at = ${row.publishedAt},
           updated_at = ${now},
           release_at = case
             when state <> 'waiting' or release_at <= ${now} or published_at is not distinct from ${row.publishedAt}
             then release_at
             else greatest(${row.publishedAt}, first_seen_at + make_interval(mins => (
               select hold_minutes
                 from publications
                where id = publication_id
             )))
           end
     where id = ${id}
       and state <> 'retracted'
    returning ${articleColumns}
  `);
}
