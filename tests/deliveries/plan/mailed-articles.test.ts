import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findMailedArticles } from '../../../src/deliveries/plan/mailed-articles.js';
import { listVariantsWithArticles } from '../../../src/deliveries/reads.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import type { Subscription } from '../../../src/subscribers/subscription.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let readers: Subscription[];
let articleIds: string[];

/** Three digests: to all, to the weekly readers, who are every third, and one that half of them were left out of. */
beforeEach(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
  readers = [];
  for (const [at, email] of readerAddresses(30).entries())
    readers.push(
      ...(await addReaders(testApp, publication, [email], { cadence: at % 3 === 0 ? 'weekly' : 'daily' })),
    );
  articleIds = await addArticles(testApp, publication, 'Harbour', 'Storm', 'Moon');
  for (const [at, id] of articleIds.entries()) {
    const audience = at === 1 ? { cadence: 'weekly' as const } : {};
    await sendOperatorDigest(testApp.context, publication.id, { articleIds: [id], audience });
    await testApp.runDueJobs();
  }
  const even = readers.filter((_, at) => at % 2 === 0).map(({ id }) => id);
  await testApp.context.db.run(sql`
    update deliveries set state = 'skipped', skip_reason = 'paused'
     where subscription_id = any(${even}::uuid[])
       and digest_id = (select max(id::text)::uuid from digests)
  `);
});
afterEach(() => testApp.close());

/** The articles of each, by their place. */
async function mailedTo(some: readonly Subscription[]): Promise<[number, number[]][]> {
  const { db } = testApp.context;
  const variants = await listVariantsWithArticles(db, publication.id, articleIds);
  const mailed = await findMailedArticles(db, variants, some);
  return some.map((reader) => [
    readers.indexOf(reader),
    [...(mailed.get(reader.id) ?? [])].map((id) => articleIds.indexOf(id)).toSorted(),
  ]);
}

const expected = (at: number): [number, number[]] => [
  at,
  [0, ...(at % 3 === 0 ? [1] : []), ...(at % 2 === 0 ? [] : [2])],
];

test('what readers were mailed is found for those who follow one another, and for some from here and there', async () => {
  expect(await mailedTo(readers)).toEqual(readers.map((_, at) => expected(at)));
  const places = [3, 4, 6, 9];
  const near = places.flatMap((at) => readers[at] ?? []);
  expect(await mailedTo(near)).toEqual(places.map(expected));
  const apart = [0, 29].flatMap((at) => readers[at] ?? []);
  expect(await mailedTo(apart)).toEqual([expected(0), expected(29)]);
  expect(await mailedTo([])).toEqual([]);
});
