import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { countDueReaders, readDueCounts } from '../../../src/digests/calendar/due-counts.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { addReader, addReaders, readerAddresses } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T09:00:00Z') });
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
});
afterEach(() => testApp.close());

async function counts(maxCountedAtOnce?: number): Promise<string[]> {
  const found = await readDueCounts(testApp.context, publication.id, maxCountedAtOnce);
  return found.map(
    ({ cadence, period, dueAt, readers }) => `${dueAt.toISOString()} ${cadence} ${period}: ${readers}`,
  );
}

test('readers are counted by the moment they are due and the digest they will be in, those of one zone with another', async () => {
  await addReaders(testApp, publication, readerAddresses(2), { cadence: 'daily' });
  await addReader(testApp, publication, 'addis@example.com', {
    cadence: 'daily',
    timezone: 'Africa/Addis_Ababa',
  });
  await addReader(testApp, publication, 'honolulu@example.com', {
    cadence: 'daily',
    timezone: 'Pacific/Honolulu',
  });
  await addReader(testApp, publication, 'weekly@example.com', { cadence: 'weekly' });
  await addReader(testApp, publication, 'instant@example.com', { cadence: 'instant' });
  for (const status of ['paused', 'unsubscribed', 'pending'] as const)
    await addReader(testApp, publication, `${status}@example.com`, { cadence: 'daily', status });
  expect(await counts()).toEqual([
    '2026-11-22T17:00:00.000Z daily 2026-11-22: 1',
    '2026-11-23T04:00:00.000Z daily 2026-11-23: 3',
    '2026-11-23T04:00:00.000Z weekly 2026-W48: 1',
  ]);
});

test('of many readers a job keeps the counts, in which moments that are over are not seen', async () => {
  await addReaders(testApp, publication, readerAddresses(3), { cadence: 'daily' });
  await addReader(testApp, publication, 'noon@example.com', { cadence: 'daily', hour: 14 });
  expect(await counts(2)).toEqual([]);
  await countDueReaders(testApp.context, 2);
  await countDueReaders(testApp.context, 2);
  const kept = [
    '2026-11-22T11:00:00.000Z daily 2026-11-22: 1',
    '2026-11-23T04:00:00.000Z daily 2026-11-23: 3',
  ];
  expect(await counts(2)).toEqual(kept);
  testApp.advanceClock(2 * HOUR_MS);
  expect(await counts(2)).toEqual(kept.slice(1));
  await countDueReaders(testApp.context);
  expect(await testApp.context.db.many(sql`select from due_counts`)).toEqual([]);
});
