import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createOperator, removeOperator } from '../../../src/operators/accounts.js';
import { purgeActivity } from '../../../src/operators/activity/purge-activity.js';
import { listActivity } from '../../../src/operators/activity/reads.js';
import { recordActivity } from '../../../src/operators/activity/record-activity.js';
import { actingAs, type Actor } from '../../../src/platform/actor.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import { holdMail, readInstallation, releaseMailHold } from '../../../src/platform/restore/installation.js';
import { uuidv7 } from '../../../src/platform/uuid.js';
import { resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const MONTH_MS = 30.5 * DAY_MS;

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(app);
  // Other tests of this process may have made ids by a later clock, and ids only grow.
  const newest = Number.parseInt(uuidv7(app.context.now()).replaceAll('-', '').slice(0, 12), 16);
  app.advanceClock(newest - app.context.now().getTime());
});
afterAll(() => app.close());

test('a reader’s change goes after RETENTION_MONTHS, an operator’s after two years at least', async () => {
  await record({ kind: 'reader' });
  await record({ kind: 'operator', id: randomUUID() });
  const purge = () => purgeActivity({ ...app.context, config: { retentionMonths: 3 } });
  app.advanceClock(2.9 * MONTH_MS);
  await purge();
  expect(await actorsLeft()).toEqual(['operator', 'reader']);
  app.advanceClock(0.2 * MONTH_MS);
  await purge();
  expect(await actorsLeft()).toEqual(['operator']);
  app.advanceClock(20.8 * MONTH_MS);
  await purge();
  expect(await actorsLeft()).toEqual(['operator']);
  app.advanceClock(0.3 * MONTH_MS);
  await purge();
  expect(await actorsLeft()).toEqual([]);
});

test('what an operator did, and what was done to the account, stays while there is the account', async () => {
  const operator = await createOperator(actingAs(app.context, { kind: 'command-line' }), {
    email: 'ada@tide.example',
    name: 'Ada',
    grant: { role: 'editor', publicationIds: [] },
  });
  const id = operator?.id ?? '';
  await record({ kind: 'operator', id });
  await record({ kind: 'token', id: randomUUID() });
  app.advanceClock(60 * MONTH_MS);
  await app.handlers.purge({});
  expect(await actorsLeft()).toEqual(['command-line', 'operator']);
  await removeOperator(app.context, id);
  await app.handlers.purge({});
  // That the account was removed is new.
  expect(await actorsLeft()).toEqual(['system']);
  await app.handlers.purge({});
  expect(await actorsLeft()).toEqual(['system']);
});

test('a long history is deleted in parts, over several runs where there is much of it', async () => {
  for (let count = 0; count < 7; count++) await record({ kind: 'system' });
  app.advanceClock(25 * MONTH_MS);
  const lefts: number[] = [];
  for (let run = 0; run < 3; run++) {
    await purgeActivity(app.context, { chunkSize: 2, maxChunks: 2 });
    lefts.push((await actorsLeft()).length);
  }
  expect(lefts).toEqual([3, 0, 0]);
});

test('nothing is deleted while the clock is not trusted, or after a restore until an operator has decided', async () => {
  const { context } = app;
  await record({ kind: 'reader' });
  app.advanceClock(25 * MONTH_MS);
  await purgeActivity({ ...context, clock: { ...context.clock, isTrusted: () => false } });
  await readInstallation(context.db);
  await holdMail(context.db, { reason: 'older', survivedCounter: 1 }, context.now());
  await purgeActivity(context);
  expect(await actorsLeft()).toEqual(['reader']);
  await context.db.transaction((tx) => releaseMailHold(tx));
  await purgeActivity(context);
  expect(await actorsLeft()).toEqual([]);
});

async function record(actor: Actor): Promise<void> {
  const change = { kind: 'digest.approved', publicationId: null, subjectId: randomUUID() } as const;
  await app.context.db.transaction((tx) => recordActivity(tx, actingAs(app.context, actor), change));
}

async function actorsLeft(): Promise<string[]> {
  const rows = await listActivity(app.context.db, {}, { before: undefined, limit: 100 });
  return rows.map(({ actor }) => actor.kind).toSorted();
}
