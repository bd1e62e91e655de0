import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listDue } from '../../../src/deliveries/send/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

test('a reader who is left out for now takes no place of a limit, however small', async () => {
  const publication = await testApp.createPublication();
  await addReaders(testApp, publication, readerAddresses(3));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  const { db, now } = testApp.context;
  const batch = await db.one<{ digestId: string; number: number }>(
    sql`select digest_id, number from batches`,
  );
  const idsOf = async (where: { limit: number; except: string[] }) =>
    (await listDue(db, batch, where, now())).map(({ subscriptionId }) => subscriptionId);
  const all = await idsOf({ limit: 9, except: [] });
  expect(all).toHaveLength(3);
  expect(await idsOf({ limit: 1, except: all.slice(0, 1) })).toEqual(all.slice(1, 2));
  expect(await idsOf({ limit: 9, except: all })).toEqual([]);
});
