import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HoldCode } from '../../../src/articles/article.js';
import { findArticle } from '../../../src/articles/reads.js';
import { describeArticleHold, describeHold } from '../../../src/articles/release/describe-hold.js';
import { findHold } from '../../../src/articles/release/reads.js';
import { migrate } from '../../../src/platform/db/migrate.js';
import { sql } from '../../../src/platform/db/sql.js';
import { operatorWords } from '../../support/operator-words.js';
import { createEmptyDatabase, migrateUntil, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database.close());

/** A hold as it was stored while its reason was a sentence: `all` stood in its row, `each` in those of its articles. */
type StoredHold = { code: HoldCode; articles: number; all: string; each: string };
type StoredArticle = { state: string; retraction: string | null; holdId: string | null; reason: string };

const stored: StoredHold[] = [
  {
    code: 'flood',
    articles: 3,
    all: '25 new articles arrived at once.',
    each: '25 new articles arrived at once.',
  },
  {
    code: 'ids-changed',
    articles: 4,
    all: "12 of the 20 articles in the feed look new. That often means the feed's ids changed.",
    each: "12 of the 20 articles in the feed look new. That often means the feed's ids changed.",
  },
  {
    code: 'old',
    articles: 1,
    all: 'One article is dated more than 30 days ago.',
    each: 'It is dated more than 30 days ago.',
  },
  {
    // Three were held; an operator has released one of them since.
    code: 'old',
    articles: 2,
    all: '3 articles are dated more than 30 days ago.',
    each: 'It is dated more than 30 days ago.',
  },
  {
    code: 'scheduled',
    articles: 2,
    all: '2 articles are dated more than 7 days from now.',
    each: 'It is dated more than 7 days from now.',
  },
  {
    code: 'same-address',
    articles: 1,
    all: 'An article with the same address is out already, or about to be.',
    each: 'An article with the same address is out already, or about to be.',
  },
  {
    code: 'same-title',
    articles: 2,
    all: 'Articles with the same titles are out already, or about to be.',
    each: 'An article with the same title is out already, or about to be.',
  },
  {
    code: 'same-title',
    articles: 1,
    all: 'Articles with the same titles are out already, or about to be.',
    each: 'An article with the same title is out already, or about to be.',
  },
  { code: 'by-hand', articles: 1, all: 'An operator held it.', each: 'An operator held it.' },
];

/** Reworded since: an article with a picture is not held for having no text any more. */
const reworded: StoredHold[] = [
  {
    code: 'empty',
    articles: 1,
    all: 'One article has a title, but no text.',
    each: 'It has a title, but no text.',
  },
  {
    code: 'empty',
    articles: 2,
    all: '2 articles have a title, but no text.',
    each: 'It has a title, but no text.',
  },
];

test('an operator reads the same of articles that were held before their reasons were codes', async () => {
  const { db, url } = database;
  await migrateUntil(database, '0024');
  const { id: publicationId } = await db.one<{ id: string }>(sql`
    insert into publications (slug, name, site_url, from_name, from_address, created_at)
    values ('lantern', 'The Lantern', 'https://lantern.example', 'Lantern', 'news@lantern.example', now())
    returning id
  `);
  const holds: { id: string; articleIds: string[] }[] = [];
  for (const hold of [...stored, ...reworded]) holds.push(await storeHold(publicationId, hold));
  const vanishedId = await storeArticle(publicationId, {
    state: 'retracted',
    retraction: 'vanished',
    holdId: null,
    reason: 'It vanished from its feed before it was released.',
  });
  await migrate(url);
  const read = await Promise.all(holds.map(readHold));
  expect(read.slice(0, stored.length)).toEqual(
    stored.map(({ articles, all, each }) => ({ all, each: Array(articles).fill(each) })),
  );
  expect(read.slice(stored.length)).toEqual([
    {
      all: 'One article has a title, but neither text nor picture.',
      each: ['It has a title, but neither text nor picture.'],
    },
    {
      all: '2 articles have a title, but neither text nor picture.',
      each: Array(2).fill('It has a title, but neither text nor picture.'),
    },
  ]);
  const vanished = await findArticle(db, vanishedId);
  expect(vanished && describeArticleHold(vanished, operatorWords)).toBe(
    'It vanished from its feed before it was released.',
  );
});

async function storeHold(
  publicationId: string,
  { code, articles, all, each }: StoredHold,
): Promise<{ id: string; articleIds: string[] }> {
  const { id } = await database.db.one<{ id: string }>(sql`
    insert into article_holds (publication_id, code, reason, held_at)
    values (${publicationId}, ${code}, ${all}, now())
    returning id
  `);
  const articleIds: string[] = [];
  for (let number = 1; number <= articles; number += 1)
    articleIds.push(
      await storeArticle(publicationId, { state: 'held', retraction: null, holdId: id, reason: each }),
    );
  return { id, articleIds };
}

async function storeArticle(publicationId: string, article: StoredArticle): Promise<string> {
  const { id } = await database.db.one<{ id: string }>(sql`
    insert into articles (publication_id, external_id, title, summary, content_html, state, retraction, hold_id,
                          hold_reason, release_at, first_seen_at)
    values (${publicationId}, uuidv7()::text, 'Harbour', '', '', ${article.state}, ${article.retraction}, ${article.holdId},
            ${article.reason}, now(), now())
    returning id
  `);
  return id;
}

/** What an operator reads above a hold, and beside each of its articles. */
async function readHold(hold: { id: string; articleIds: string[] }) {
  const found = await findHold(database.db, hold.id);
  const articles = await Promise.all(hold.articleIds.map((id) => findArticle(database.db, id)));
  return {
    all: found && describeHold(found, operatorWords),
    each: articles.map((article) => article && describeArticleHold(article, operatorWords)),
  };
}
