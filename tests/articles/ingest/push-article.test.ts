import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { releaseArticle } from '../../../src/articles/release/decide-article.js';
import { pushArticle, type PushedArticle } from '../../../src/articles/ingest/push-article.js';
import { findArticle } from '../../../src/articles/reads.js';
import type { Publication } from '../../../src/publications/publication.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { MINUTE_MS } from '../../../src/platform/durations.js';

let testApp: TestApp;

beforeEach(async () => {
  testApp = await openTestApp();
});

afterEach(async () => {
  await testApp.close();
});

test('an article that is pushed is cleaned, waits out the hold window, and reaches the reader once', async () => {
  const publication = await testApp.createPublication({ holdMinutes: 10, contentMode: 'full' });
  await createConfirmedReader(testApp, 'ana@example.com');
  const releaseAt = new Date(testApp.context.now().getTime() + 10 * MINUTE_MS);
  const pushed = await push(publication, {
    externalId: 'tide-1',
    url: 'https://paper.example/tide',
    title: 'The tide is in',
    content: '<p onclick="steal()">It came <b>early</b>.</p><script>steal()</script><a href="/more">More</a>',
    authors: ['Ada Quay'],
  });
  expect(pushed).toEqual({ kind: 'added', id: expect.any(String), releaseAt });
  expect(await findArticle(testApp.context.db, pushed.kind === 'added' ? pushed.id : '')).toMatchObject({
    feedId: null,
    externalId: 'tide-1',
    state: 'waiting',
    summary: 'It came early. More',
    contentHtml: expect.not.stringMatching(/script|onclick/),
    authors: ['Ada Quay'],
    publishedAt: testApp.context.now(),
  });
  expect(await testApp.runDueJobs()).toEqual([]);
  testApp.advanceClock(10 * MINUTE_MS);
  expect(await testApp.runDueJobs()).toEqual(['release-articles', 'plan-instant', 'send-batch']);
  await testApp.handlers['release-articles']({ publicationId: publication.id });
  testApp.advanceClock(24 * 60 * MINUTE_MS);
  await testApp.runDueJobs();
  const mails = (await readMails(testApp)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['The tide is in']);
  expect(mails[0]?.html).toContain('https://paper.example/more');
});

test('a pushed article that looks password-protected is held, in whatever language its site speaks', async () => {
  const publication = await testApp.createPublication();
  const form = '<form action="/wp-login.php?action=postpass"><p>Ingia</p></form>';
  for (const article of [
    { title: 'Protégé : Le budget', content: '<p>Tout.</p>' },
    { title: 'Budget', content: form },
    { title: 'Bajeti', summary: 'Hakuna zaidi kwasababu hili ni chapisho limelindwa.' },
  ])
    expect(await push(publication, article)).toMatchObject({ kind: 'added', held: 'protected' });
});

test('the same article is added once: by its id, else by its address; one with neither is always new', async () => {
  const publication = await testApp.createPublication();
  const kinds = async (...articles: PushedArticle[]) => {
    const answers = await Promise.all(articles.map((article) => push(publication, article)));
    return answers.map(({ kind }) => kind).toSorted();
  };
  const url = 'https://paper.example/a';
  expect(await kinds({ externalId: 'a', title: 'A' }, { externalId: 'a', title: 'B', url })).toEqual([
    'added',
    'known',
  ]);
  expect(await kinds({ title: 'C', url: `${url}?utm_source=mail` })).toEqual(['known']);
  const other = { title: 'A', url: 'https://paper.example/b' };
  expect(await kinds(other, other, other)).toEqual(['added', 'known', 'known']);
  expect(await kinds({ title: 'A' }, { title: 'A' })).toEqual(['added', 'added']);
});

test('one without text, or with a title that was mailed before, is held until an operator releases it', async () => {
  const publication = await testApp.createPublication();
  await createConfirmedReader(testApp, 'ana@example.com');
  const bare = await push(publication, { url: 'https://paper.example/bare', title: 'Bare' });
  expect(bare).toMatchObject({ kind: 'added', held: 'empty' });
  const text = { content: '<p>It came early.</p>' };
  expect(await push(publication, { title: 'The tide is in', ...text })).not.toHaveProperty('held');
  const again = await push(publication, { title: 'The TIDE is in', content: '<p>It came late.</p>' });
  expect(again).toMatchObject({ kind: 'added', held: 'same-title' });
  const summed = { title: 'In short', summary: 'It came.', publishedAt: new Date('2020-01-01T00:00:00Z') };
  expect(await push(publication, summed)).not.toHaveProperty('held');
  expect(await findArticle(testApp.context.db, bare.id)).toMatchObject({
    state: 'held',
    holdId: expect.any(String),
    holdReason: { code: 'empty', newItems: 1, totalItems: 1 },
  });
  testApp.advanceClock(24 * 60 * MINUTE_MS);
  await testApp.runDueJobs();
  const sent = async () => (await readMails(testApp)).map(({ subject }) => subject);
  expect(await sent()).toEqual(expect.arrayContaining(['The tide is in', 'In short']));
  expect(await sent()).not.toEqual(expect.arrayContaining(['Bare']));
  await releaseArticle(testApp.context, bare.id);
  await testApp.runDueJobs();
  expect(await sent()).toContain('Bare');
});

test('an article that was pushed to one newsletter can be pushed to another', async () => {
  const one = await testApp.createPublication();
  const two = await testApp.createPublication({ slug: 'other' });
  const article = { externalId: 'a', title: 'A' };
  expect((await push(one, article)).kind).toBe('added');
  expect((await push(two, article)).kind).toBe('added');
});

test('released before its hold window ends, it goes out once and not again when the window ends', async () => {
  const publication = await testApp.createPublication({ holdMinutes: 30 });
  await createConfirmedReader(testApp, 'ana@example.com');
  const pushed = await push(publication, { title: 'Now', content: '<p>At once.</p>' });
  if (pushed.kind !== 'added') throw new Error('The article was not added');
  await releaseArticle(testApp.context, pushed.id);
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toHaveLength(3);
  testApp.advanceClock(31 * MINUTE_MS);
  expect(await testApp.runDueJobs()).toEqual(['release-articles']);
  expect(testApp.smtp.messages).toHaveLength(3);
});

function push(publication: Publication, article: PushedArticle): ReturnType<typeof pushArticle> {
  return pushArticle(testApp.context, publication, article);
}
