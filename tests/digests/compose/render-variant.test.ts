import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { DEFAULT_ORDER, type Audience } from '../../../src/digests/digest.js';
import { createOperatorDigest } from '../../../src/digests/open/create-operator-digest.js';
import { openDigest } from '../../../src/digests/open/open-digest.js';
import { findOrCreateVariants } from '../../../src/digests/open/variants.js';
import { findDigest } from '../../../src/digests/reads.js';
import { archiveUrl } from '../../../src/digests/compose/list-headers.js';
import { describeMailSize } from '../../../src/digests/compose/mail-size.js';
import { loadVariantTemplate } from '../../../src/digests/compose/render-variant.js';
import { fitMail, composeMail } from '../../../src/digests/compose/compose-mail.js';
import { sql } from '../../../src/platform/db/sql.js';
import { fillTemplate, type MessageTemplate } from '../../../src/platform/mail/mime/message-template.js';
import type { NewPublication, Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReaders, resetTestApp } from '../../support/fixtures.js';
import * as golden from '../../mails/digest-cases.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import { operatorWords } from '../../support/operator-words.js';

let testApp: TestApp;
beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(() => resetTestApp(testApp));
afterAll(() => testApp.close());

/** A newsletter with so many articles, each with so many words and a picture. */
async function renderDigest(settings: Partial<NewPublication>, articles: number, words: number) {
  const publication = await testApp.createPublication(settings);
  const content = `<p>${'harbour – '.repeat(words)}</p>`;
  const pushed = Array.from({ length: articles }, (_, at) => ({
    title: `Story ${at + 1}.`,
    url: `https://lantern.example/story-${at + 1}`,
    image: `https://lantern.example/story-${at + 1}.jpg`,
    content,
  }));
  const ids = await addArticles(testApp, publication, ...pushed);
  const order = { publication, locale: 'en', articleIds: ids, date: testApp.context.now() };
  return { publication, ids, mail: await composeMail(testApp.context, order) };
}

async function renderArticles(publication: Publication, pushed: Parameters<typeof addArticles>[2][]) {
  const articleIds = await addArticles(testApp, publication, ...pushed);
  return composeMail(testApp.context, { publication, locale: 'en', articleIds, date: testApp.context.now() });
}

test('a digest shows the newest fifteen articles, in their order, and says how many more there are', async () => {
  const { mail } = await renderDigest({}, 17, 20);
  for (const part of [mail.html, mail.text]) {
    const numbers = [...part.matchAll(/Story (\d+)\.(?=<\/a>|\n)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 15 }, (_, at) => at + 3));
    expect(part).toMatch(/2 more/);
  }
});

test.each([
  ['full texts become summaries', 10, 3_000, 10, true],
  ['one long text becomes its summary', 1, 20_000, 1, true],
])('HTML never exceeds 90 KB: %s', async (_what, articles, words, shown, pictures) => {
  const { mail } = await renderDigest({ contentMode: 'full' }, articles, words);
  expect(Buffer.byteLength(mail.html)).toBeLessThanOrEqual(90_000);
  expect(mail.html.match(/Story \d+\.<\/a>/g)).toHaveLength(shown);
  expect(mail.html.includes('story-1.jpg')).toBe(pictures);
});

test('a text that is too long is cut to the space left, and makes no other shorter', async () => {
  const publication = await testApp.createPublication({ contentMode: 'full' });
  const long = Array.from({ length: 400 }, (_, at) => `<p>${'harbour '.repeat(40)}${at}.</p>`).join('');
  const push = (title: string, content: string) => ({
    title,
    url: `https://lantern.example/${title}`,
    content,
  });
  const alone = await renderArticles(publication, [push('Long', long)]);
  expect(Buffer.byteLength(alone.html)).toBeGreaterThan(60_000);
  expect(alone.html).toMatch(/harbour 0\.<\/p>[^]*harbour 150\.<\/p>/);
  expect(alone.text).toContain('harbour 150.');
  expect(alone.text).not.toContain('harbour 399.');
  const both = await renderArticles(publication, [
    push('Longer', `${long}<p>End.</p>`),
    push('Short', '<p>Told in full.</p><p>To its end.</p>'),
  ]);
  expect(both.text).toContain('To its end.');
  expect(both.text).not.toContain('harbour 150.');
});

test('pictures, then excerpts, then articles are left out when addresses alone are too long, and the mail says so', async () => {
  const publication = await testApp.createPublication();
  const pushed = Array.from({ length: 15 }, (_, at) => ({
    title: `Story ${at + 1}.`,
    url: `https://lantern.example/story-${at + 1}?${'x'.repeat(1_900)}`,
    image: `https://lantern.example/story-${at + 1}.jpg?${'y'.repeat(1_900)}`,
    content: `<p>${'harbour – '.repeat(100)}</p>`,
  }));
  const articleIds = await addArticles(testApp, publication, ...pushed);
  const order = { publication, locale: 'en', articleIds, date: testApp.context.now() };
  const { html, text, size } = await composeMail(testApp.context, order);
  expect(Buffer.byteLength(html)).toBe(size.htmlBytes);
  expect(size).toMatchObject({ picturesLeftOut: 15, excerptsShortened: 0, articlesLeftOut: 0 });
  expect(html).not.toContain('.jpg');
  expect(describeMailSize(size, operatorWords)).toMatch(/^HTML is \d\d KB of 90; 15 pictures left out\.$/);
  for (const { url } of pushed) for (const part of [html, text]) expect(part).toContain(url);
});

test('an article more or less: the most that fit are found without trying them all', () => {
  const writing = { renders: 0 };
  const article = { ...golden.article(0), summary: '', image: null, title: 'T'.repeat(12_000) };
  const many = Array.from({ length: 15 }, () => article);
  const email = (...parameters: Parameters<typeof testApp.context.templates.email>) => {
    writing.renders += 1;
    return testApp.context.templates.email(...parameters);
  };
  const { size } = fitMail({ email }, 'en', golden.createContent(many));
  expect(size.htmlBytes).toBeLessThanOrEqual(90_000);
  expect(size.articlesLeftOut).toBe(15 - 7);
  expect(writing.renders).toBeLessThan(10);
  expect(describeMailSize(size, operatorWords)).toContain('; 8 articles left out.');
});

test('full texts are shown whole while they fit', async () => {
  const { mail } = await renderDigest({ contentMode: 'full' }, 2, 500);
  expect(mail.html.match(/harbour/g)?.length).toBeGreaterThanOrEqual(1_000);
  expect(Buffer.byteLength(mail.html)).toBeLessThanOrEqual(90_000);
});

test('two workers that render at once, and all later ones, send what the first has rendered', async () => {
  const { publication, ids } = await renderDigest({}, 2, 20);
  const { db, now, links } = testApp.context;
  const key = { publicationId: publication.id, cadence: 'daily', period: '2026-11-22' } as const;
  const { digest, variantId } = await db.transaction(async (tx) => {
    const joined = await openDigest(tx, { ...key, closesAt: null, keyId: links.keyId }, now());
    const articles = ids.map((id, at) => ({ id, seq: at + 1 }));
    const list = { locale: 'en', format: null, withoutPictures: false, articles };
    const lists = [list, list, { ...list, articles: articles.toReversed() }];
    const [first = '', again, reversed] = await findOrCreateVariants(tx, joined.id, lists);
    expect([again === first, reversed === first]).toEqual([true, false]);
    return { digest: await findDigest(tx, joined.id), variantId: first };
  });
  if (digest === undefined) throw new Error('no digest');
  const open = () => loadVariantTemplate(testApp.context, publication, digest, variantId);
  const both = await Promise.all([open(), open()]);
  expect(sourceOf(both[1])).toBe(sourceOf(both[0]));
  await db.run(sql`update articles set title = 'Changed since'`);
  testApp.advanceClock(60_000);
  const later = await open();
  expect(sourceOf(later)).toBe(sourceOf(both[0]));
  expect(sourceOf(later)).toContain('Subject: Story 1.');
  expect(later.language).toBe('en');
});

test('a mail leads to the archive, unless there is none or the digest is not for everybody', async () => {
  const { publication } = await renderDigest({}, 1, 20);
  const { db, now, links } = testApp.context;
  const source = async (archive: Publication['archive'], audience: Audience) => {
    const order = { ...DEFAULT_ORDER, publicationId: publication.id, keyId: links.keyId };
    const [digest, variantId = ''] = await db.transaction(async (tx) => {
      const { id } = await createOperatorDigest(tx, testApp.context, { ...order, sendAt: now() });
      const ids = await findOrCreateVariants(tx, id, [
        { locale: 'en', format: null, withoutPictures: false, articles: [] },
      ]);
      return [await findDigest(tx, id), ...ids];
    });
    if (digest === undefined) throw new Error('no digest');
    const opened = await loadVariantTemplate(
      testApp.context,
      { ...publication, archive },
      { ...digest, audience },
      variantId,
    );
    return sourceOf(opened)
      .replaceAll('=\r\n', '')
      .includes(archiveUrl('', publication, digest.id));
  };
  expect(await source('public', {})).toBe(true);
  expect(await source('unlisted', {})).toBe(true);
  expect(await source('off', {})).toBe(false);
  expect(await source('public', { locale: 'en' })).toBe(false);
});

test('readers who chose a format get a mail of their own, the others that of the publication', async () => {
  const publication = await testApp.createPublication({ contentMode: 'summary', defaultCadence: 'daily' });
  const [first, , second] = await addReaders(testApp, publication, [
    'ada@x.example',
    'bo@x.example',
    'cy@x.example',
  ]);
  await testApp.context.db.run(
    sql`update subscriptions set format = 'full' where id in (${first?.id}, ${second?.id})`,
  );
  const content = `<p>${'harbour '.repeat(200)}</p>`;
  await addArticles(testApp, publication, {
    title: 'Long read',
    url: 'https://lantern.example/long',
    content,
  });
  testApp.advanceClock(DAY_MS);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  const lengths = testApp.smtp.messages.map(({ to, raw }) => [
    to,
    raw.toString().split('harbour').length > 300,
  ]);
  expect(lengths.toSorted()).toEqual([
    ['ada@x.example', true],
    ['bo@x.example', false],
    ['cy@x.example', true],
  ]);
  const variants = await testApp.context.db.many(sql`select format from variants order by format`);
  expect(variants).toEqual([{ format: 'full' }, { format: null }]);
});

function sourceOf(template: MessageTemplate): string {
  const values = {
    email: 'ada@example.com',
    messageId: '<a@b.example>',
    unsubscribeUrl: 'u',
    manageUrl: 'm',
    how: 'h',
    moved: '',
    rhythm: 'r',
  };
  return Buffer.concat(fillTemplate(template, values).chunks).toString();
}
