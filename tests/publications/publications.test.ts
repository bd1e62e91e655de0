import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPublication, archivePublication } from '../../src/publications/change-publication.js';
import { findPublication, findPublicationBySlug, listPublications } from '../../src/publications/reads.js';
import {
  recordInstantPlanned,
  readLatestArticleNumber,
  assignArticleNumbers,
} from '../../src/publications/article-numbers.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});

afterAll(() => testApp.close());

const settings = (slug: string) => ({
  slug,
  name: 'The Lantern',
  siteUrl: 'https://lantern.example/',
  fromAddress: 'news@lantern.example',
});

test('a publication is created with defaults, and its own name as the sender’s', async () => {
  const created = await createPublication(testApp.context, settings('defaults'));
  expect(created.kind).toBe('created');
  expect(await findPublicationBySlug(testApp.context.db, 'defaults')).toMatchObject({
    fromName: 'The Lantern',
    noticeAddress: null,
    locale: 'en',
    timezone: 'UTC',
    defaultCadence: 'daily',
    hour: 7,
    weekday: 1,
    dayOfMonth: 1,
    holdMinutes: 10,
    contentMode: 'summary',
    approval: false,
    unapprovedWords: 'leave-out',
    lastSeq: 0,
    createdAt: testApp.context.now(),
    archivedAt: null,
  });
});

test('a slug is given once, also when two ask at the same moment', async () => {
  const made = await Promise.all(
    Array.from({ length: 5 }, () => createPublication(testApp.context, settings('wanted'))),
  );
  expect(made.filter(({ kind }) => kind === 'created')).toHaveLength(1);
  expect(made.filter(({ kind }) => kind === 'slug-taken')).toHaveLength(4);
});

test('article numbers have no gaps and no doubles, however many releases happen at once', async () => {
  const { id } = await testApp.createPublication({ slug: 'numbers' });
  const { db } = testApp.context;
  const firsts = await Promise.all(
    Array.from({ length: 20 }, (_, at) => db.transaction((tx) => assignArticleNumbers(tx, id, (at % 3) + 1))),
  );
  const taken = firsts.flatMap((first = 0, at) =>
    Array.from({ length: (at % 3) + 1 }, (_, next) => first + next),
  );
  const { lastSeq } = (await findPublication(db, id)) ?? { lastSeq: 0 };
  expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: lastSeq }, (_, at) => at + 1));
  expect(await db.transaction((tx) => readLatestArticleNumber(tx, id))).toBe(lastSeq);
});

test('a release that fails leaves no gap in the numbers', async () => {
  const { id } = await testApp.createPublication({ slug: 'failing' });
  const { db } = testApp.context;
  await expect(
    db.transaction(async (tx) => {
      await assignArticleNumbers(tx, id, 5);
      throw new Error('the disk is full');
    }),
  ).rejects.toThrow('the disk is full');
  expect(await db.transaction((tx) => assignArticleNumbers(tx, id, 1))).toBe(1);
});

test('a transaction that reads the newest number blocks releases until its end', async () => {
  const { id } = await testApp.createPublication({ slug: 'shared' });
  const { db } = testApp.context;
  const order: string[] = [];
  let release: Promise<unknown> = Promise.resolve();
  await db.transaction(async (tx) => {
    expect(await readLatestArticleNumber(tx, id)).toBe(0);
    release = db
      .transaction((other) => assignArticleNumbers(other, id, 1))
      .then(() => order.push('released'));
    expect(await readLatestArticleNumber(tx, id)).toBe(0);
    order.push('confirmed');
  });
  await release;
  expect(order).toEqual(['confirmed', 'released']);
});

test('the number up to which instant readers were planned never decreases', async () => {
  const { id } = await testApp.createPublication({ slug: 'planned' });
  const { db } = testApp.context;
  for (const seq of [3, 2, 5, 1]) await db.transaction((tx) => recordInstantPlanned(tx, id, seq));
  expect((await findPublication(db, id))?.instantPlannedSeq).toBe(5);
});

test('an archived publication is still found by its links, but not listed, and releases nothing', async () => {
  const { id } = await testApp.createPublication({ slug: 'archived' });
  const { db } = testApp.context;
  await archivePublication(testApp.context, id);
  const archivedAt = testApp.context.now();
  testApp.advanceClock(1000);
  await archivePublication(testApp.context, id);
  expect(await findPublication(db, id)).toMatchObject({ id, archivedAt });
  expect((await listPublications(db)).map(({ slug }) => slug)).not.toContain('archived');
  expect(await db.transaction((tx) => assignArticleNumbers(tx, id, 1))).toBeUndefined();
});
