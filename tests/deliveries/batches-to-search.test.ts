import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listBatchesToSearch } from '../../src/deliveries/batches-to-search.js';
import { addToCounts } from '../../src/platform/counts/counts.js';
import { addDigestWithDeliveries } from './delivery-rows.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** A digest to a million readers, of whom so many bounced in each of these batches. */
async function addDigest(bounced: Record<number, number>): Promise<string> {
  const digestId = randomUUID();
  const rejected = Object.values(bounced).reduce((sum, count) => sum + count, 0);
  await database.db.transaction((tx) =>
    addToCounts(tx, digestId, [
      { name: 'deliveries', key: ['accepted'], count: 1_000_000 - rejected },
      { name: 'deliveries', key: ['rejected'], count: rejected },
      ...Object.entries(bounced).map(([batch, count]) => ({
        name: 'batch-deliveries',
        key: ['rejected', batch],
        count,
      })),
    ]),
  );
  return digestId;
}

const search = (digestId: string, state: 'accepted' | 'queued' | 'rejected' | 'uncertain') =>
  listBatchesToSearch(database.db, { digestId, state, limit: 50 });

test('the few that bounced are looked for in their batches, and nothing is looked for where none did', async () => {
  const digestId = await addDigest({ 4: 1, 9: 2 });
  expect((await search(digestId, 'rejected'))?.toSorted()).toEqual([4, 9]);
  expect(await search(digestId, 'uncertain')).toEqual([]);
  expect(await search(digestId, 'accepted')).toBeUndefined();
});

test('where they are many, or in most batches, all are gone through until a page is full', async () => {
  const everywhere = Object.fromEntries(Array.from({ length: 1000 }, (_, batch) => [batch, 10]));
  expect(await search(await addDigest(everywhere), 'rejected')).toBeUndefined();
});

test('the last that wait are in the batches that have something to do', async () => {
  const { db } = database;
  const { digestId } = await addDigestWithDeliveries(db, new Date(), { state: 'sending' }, [
    { state: 'accepted', batch: 901 },
    { state: 'queued', batch: 902 },
    { state: 'queued', batch: 903 },
  ]);
  const others = { name: 'deliveries', key: ['accepted'], count: 1_000_000 };
  await db.transaction((tx) => addToCounts(tx, digestId, [others]));
  expect((await search(digestId, 'queued'))?.toSorted()).toEqual([902, 903]);
});
