import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { articleStates, type Article } from '../../src/articles/article.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { findArticle } from '../../src/articles/reads.js';
import {
  holdArticle,
  releaseArticle,
  retractArticle,
  skipArticle,
} from '../../src/articles/release/decide-article.js';
import { restoreArticle } from '../../src/articles/release/restore-article.js';
import { ARTICLE_TRANSITIONS, type ArticleOperation } from '../../src/articles/transitions.js';
import { statesIn } from '../../src/platform/db/transitions.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ holdMinutes: 60 });
});
afterAll(() => testApp.close());

/** What an operator does to one article, and how the operation is called in the table. */
const operations: [ArticleOperation, (id: string) => Promise<unknown>][] = [
  ['hold', (id) => holdArticle(testApp.context, id)],
  ['skip', (id) => skipArticle(testApp.context, id)],
  ['release-now', (id) => releaseArticle(testApp.context, id)],
  ['retract', (id) => retractArticle(testApp.context, id)],
  [
    'restore',
    (id) =>
      testApp.context.db.transaction((tx) => restoreArticle(tx, testApp.context, id, async () => false)),
  ],
];

let count = 0;

async function articleIn(state: Article['state']): Promise<string> {
  count += 1;
  const pushed = await pushArticle(testApp.context, publication, {
    title: `Title ${count}`,
    content: '<p>a</p>',
  });
  const { id } = pushed;
  if (state === 'held') await holdArticle(testApp.context, id);
  if (state === 'skipped') await skipArticle(testApp.context, id);
  const hasNumber = state === 'released' || state === 'retracted';
  if (hasNumber)
    await testApp.context.db.run(sql`
      update articles
         set state = ${state},
             seq = ${1000 + count},
             retraction = ${state === 'retracted' ? 'by-hand' : null}
       where id = ${id}
    `);
  return id;
}

test.each(operations)('"%s" moves an article exactly as the table says', async (by, operate) => {
  for (const from of articleStates) {
    const id = await articleIn(from);
    await operate(id);
    const after = (await findArticle(testApp.context.db, id))?.state;
    const allowed = ARTICLE_TRANSITIONS.filter((row) => row.by === by && row.from === from).map(
      ({ to }) => to,
    );
    const isKept = allowed.length === 0 || (by === 'release-now' && from === 'retracted');
    expect([from, isKept ? [from] : allowed]).toEqual([from, expect.arrayContaining([after])]);
  }
});

test('every state of an article is in the table', () => {
  expect(statesIn(ARTICLE_TRANSITIONS).toSorted()).toEqual(articleStates.toSorted());
});
