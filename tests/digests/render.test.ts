import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { joinDigest, joinVariants } from '../../src/digests/join.js';
import { findDigest } from '../../src/digests/reads.js';
import { openVariant, writeMail } from '../../src/digests/render.js';
import { sql } from '../../src/platform/db/sql.js';
import { fillTemplate, type MessageTemplate } from '../../src/platform/mail/message-template.js';
import type { NewPublication } from '../../src/publications/publication.js';
import { openHouse, type House } from '../support/house.js';
import { addArticles, emptyHouse } from '../support/readers.js';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(() => emptyHouse(house));
afterAll(() => house.close());

/** A newsletter with so many articles, each with so many words and a picture. */
async function written(settings: Partial<NewPublication>, articles: number, words: number) {
  const publication = await house.publish(settings);
  const content = `<p>${'harbour – '.repeat(words)}</p>`;
  const pushed = Array.from({ length: articles }, (_, at) => ({
    title: `Story ${at + 1}.`,
    url: `https://lantern.example/story-${at + 1}`,
    image: `https://lantern.example/story-${at + 1}.jpg`,
    content,
  }));
  const ids = await addArticles(house, publication, ...pushed);
  return { publication, ids, mail: await writeMail(house.context, publication, 'en', ids) };
}

test('a digest shows fifteen articles and says how many more there are', async () => {
  const { mail } = await written({}, 17, 20);
  for (const part of [mail.html, mail.text]) {
    for (let number = 1; number <= 15; number += 1) expect(part).toContain(`Story ${number}.`);
    expect(part).not.toContain('Story 16.');
    expect(part).toMatch(/2 more/);
  }
});

test.each([
  ['full texts become summaries', 10, 3_000, 10, true],
  ['one long text becomes its summary', 1, 20_000, 1, true],
])('HTML never exceeds 90 KB: %s', async (_what, articles, words, shown, pictures) => {
  const { mail } = await written({ contentMode: 'full' }, articles, words);
  expect(Buffer.byteLength(mail.html)).toBeLessThanOrEqual(90_000);
  expect(mail.html.match(/Story \d+\.<\/a>/g)).toHaveLength(shown);
  expect(mail.html.includes('story-1.jpg')).toBe(pictures);
});

test('full texts are shown whole while they fit', async () => {
  const { mail } = await written({ contentMode: 'full' }, 2, 500);
  expect(mail.html.match(/harbour/g)?.length).toBeGreaterThanOrEqual(1_000);
  expect(Buffer.byteLength(mail.html)).toBeLessThanOrEqual(90_000);
});

test('two workers that render at once, and all who come later, send the words of the first', async () => {
  const { publication, ids } = await written({}, 2, 20);
  const { db, now, links } = house.context;
  const key = { publicationId: publication.id, cadence: 'daily', period: '2026-11-22' } as const;
  const { digest, variantId } = await db.transaction(async (tx) => {
    const joined = await joinDigest(tx, { ...key, closesAt: null, keyId: links.keyId }, now());
    const articles = ids.map((id, at) => ({ id, seq: at + 1 }));
    const list = { locale: 'en', articles };
    const lists = [list, list, { locale: 'en', articles: articles.toReversed() }];
    const [first = '', again, reversed] = await joinVariants(tx, joined.id, lists);
    expect([again === first, reversed === first]).toEqual([true, false]);
    return { digest: await findDigest(tx, joined.id), variantId: first };
  });
  if (digest === undefined) throw new Error('no digest');
  const open = () => openVariant(house.context, publication, digest, variantId);
  const both = await Promise.all([open(), open()]);
  expect(sourceOf(both[1])).toBe(sourceOf(both[0]));
  await db.run(sql`update articles set title = 'Changed since'`);
  house.pass(60_000);
  const later = await open();
  expect(sourceOf(later)).toBe(sourceOf(both[0]));
  expect(sourceOf(later)).toContain('Subject: Story 1.');
  expect(later.language).toBe('en');
});

function sourceOf(template: MessageTemplate): string {
  const values = {
    email: 'ada@example.com',
    messageId: '<a@b.example>',
    unsubscribeUrl: 'u',
    confirmedOn: 'd',
  };
  return Buffer.concat(fillTemplate(template, values).chunks).toString();
}
