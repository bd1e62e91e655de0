import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Publication } from '../../../src/publications/publication.js';
import type { ReaderFilter } from '../../../src/subscribers/list/reader-filter.js';
import { searchReaders } from '../../../src/subscribers/list/search-readers.js';
import { addReaders } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

/** Of two hundred every tenth reads in Swahili, and half of those weekly. */
beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ topics: ['Sea'] });
  const numbers = Array.from({ length: 200 }, (_, at) => at);
  const add = (settings: Parameters<typeof addReaders>[3], fits: (n: number) => boolean) =>
    addReaders(
      testApp,
      publication,
      numbers.filter(fits).map((n) => `mary_ann.${n}+news@cove-${n % 7}.example`),
      settings,
    );
  await add({ topics: ['Sea'] }, (n) => n % 10 !== 0);
  await add({ topics: ['Sea'], locale: 'sw' }, (n) => n % 20 === 10);
  await add({ topics: [], locale: 'sw', cadence: 'weekly' }, (n) => n % 20 === 0);
});
afterAll(() => testApp.close());

const search = (filter: ReaderFilter, looks: { first: number; longest: number }) =>
  searchReaders(testApp.context.db, { publicationId: publication.id, filter }, { limit: 5 }, looks);

const ALL = { first: 1000, longest: 1000 };
/** None is found among the next, all among as many more as the first tell, or all by their indexes. */
const FEW = { first: 20, longest: 100 };
const NONE = { first: 1, longest: 0 };

const part = (text: string): ReaderFilter => ({ address: { kind: 'part', text } });
const FILTERS: readonly (readonly [string, ReaderFilter, number])[] = [
  ['everybody', {}, 200],
  ['a language', { locale: 'sw' }, 20],
  ['a language and a rhythm', { locale: 'sw', cadence: 'weekly' }, 10],
  ['a language and a topic', { locale: 'sw', topic: ' SEA' }, 10],
  ['another language and a rhythm', { locale: 'en', cadence: 'weekly' }, 0],
  ['one address', part('mary_ann.17+news@cove-3.example'), 1],
  ['a part with signs around the @', part('7+news@cove-3'), 3],
  ['two signs before the @', part('ws@cove-1'), 29],
  ['a part that begins with the @', part('@cove-3'), 29],
  ['signs that are not the same', part('mary.ann'), 0],
  ['letters in place of signs', part('maryw'), 0],
  ['an underscore', part('y_a'), 200],
  ['what LIKE takes for anything', part('m%17'), 0],
  ['a backslash', part(String.raw`y\_a`), 0],
  ['a domain', { address: { kind: 'domain', text: 'cove-3' } }, 29],
];

test.each(FILTERS)('%s: found the same wherever it is looked for', async (_, filter, count) => {
  const all = await search(filter, ALL);
  expect(all.matching).toEqual({ kind: 'exact', count });
  expect(all.rows).toHaveLength(Math.min(count, 5));
  for (const looks of [FEW, NONE]) expect((await search(filter, looks)).rows).toEqual(all.rows);
});

test('how many fit is told by as many as had to be looked at', async () => {
  const { rows } = await search({ locale: 'sw' }, ALL);
  expect(rows.map(({ locale }) => locale)).toEqual(['sw', 'sw', 'sw', 'sw', 'sw']);
  expect((await search({}, FEW)).matching).toEqual({ kind: 'sampled', of: 20, count: 20 });
  expect((await search({ locale: 'en' }, NONE)).matching).toEqual({ kind: 'exact', count: 180 });
  const few = await search({ topic: 'sea' }, { first: 15, longest: 100 });
  expect(few.matching).toEqual({ kind: 'sampled', of: 27, count: 17 });
});
