import { devNull } from 'node:os';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { checkCounts, correctWrongCounts, type WrongCount } from '../../src/dashboard/check-counts.js';
import type { AttemptResult } from '../../src/deliveries/attempt-result.js';
import type { AttemptKey, BatchKey } from '../../src/deliveries/delivery.js';
import { insertBatch } from '../../src/deliveries/plan/writes.js';
import { countDeliveries } from '../../src/deliveries/reads.js';
import { recordResults } from '../../src/deliveries/record-results.js';
import { listDue } from '../../src/deliveries/send/reads.js';
import { markSending } from '../../src/deliveries/send/writes.js';
import { markUncertain, requeueSending } from '../../src/deliveries/writes.js';
import { addUpChanges } from '../../src/platform/counts/add-up-counts.js';
import type { Tx } from '../../src/platform/db/database.js';
import { createLog, type LoggedEvent } from '../../src/platform/log.js';
import { sql } from '../../src/platform/db/sql.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../support/fixtures.js';
import { seed } from '../support/seed.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { operations, type Desk } from './count-operations.js';
import { differencesOfList } from '../support/listed-readers.js';

jest.setTimeout(300_000);
let app: TestApp;

beforeEach(async () => {
  app = await openTestApp({ uncertain: 'hold' });
});
afterEach(() => app.close());

const listWrong = () => checkCounts(app.context, { allDigests: true, correct: false });

const ofSending = [
  'an article is out',
  'instant readers are planned',
  'an operator sends',
  'mail is sent by a bad server',
  'an operator acts on a digest',
];
const names = [...Object.keys(operations), ...Array.from({ length: 4 }, () => ofSending).flat()];
const steps = fc.array(fc.constantFrom(...names), { minLength: 50, maxLength: 90, size: 'max' });
/** Endless chances from one number: what an operation chooses is as repeatable as which come. */
const chances = fc.integer().map((start) => {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
});

test('after whatever is done in whatever order, every number is what there is, and the list of readers has them as they are', async () => {
  await fc.assert(
    fc.asyncProperty(steps, chances, async (chosen, random) => {
      await resetTestApp(app);
      const desk: Desk = {
        app,
        publication: await app.createPublication({ topics: ['Sea', 'Sky'] }),
        random,
        made: 0,
      };
      await addReaders(app, desk.publication, readerAddresses(8));
      for (const name of chosen) {
        await operations[name]?.(desk);
        expect({ after: name, wrong: await listWrong() }).toEqual({ after: name, wrong: [] });
        expect({ after: name, listed: await differencesOfList(app) }).toEqual({ after: name, listed: [] });
      }
    }),
    { seed, numRuns: 5, endOnFailure: true },
  );
});

describe('several writers at once', () => {
  test('leave numbers that are right at every moment, also while they are added up and corrected', async () => {
    const batches = await planBatches(6, 40);
    let isOver = false;
    const looks = [checkWhile(() => isOver), checkWhile(() => isOver)];
    const sums = repeatWhile(
      () => isOver,
      () => app.handlers['add-up-counts']({}),
    );
    const corrections = repeatWhile(
      () => isOver,
      () => app.handlers['check-counts']({}),
    );
    await Promise.all(batches.map((batch) => sendSlowly(batch)));
    isOver = true;
    expect((await Promise.all(looks)).flat()).toEqual([]);
    await Promise.all([sums, corrections]);
    expect(await listWrong()).toEqual([]);
    expect(await countDeliveries(app.context.db, batches[0]?.digestId ?? '')).toMatchObject({
      planned: 240,
      sending: 0,
      accepted: 120,
      rejected: 120,
    });
  });

  test('and a connection that is lost in a transaction leaves nothing of it', async () => {
    const [batch] = await planBatches(1, 10);
    if (batch === undefined) throw new Error('There is no batch');
    const { db } = app.context;
    const lost = db.transaction(async (tx) => {
      await claim(tx, batch, 10);
      await addUpChanges(tx);
      const { pid } = await tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await db.run(sql`select pg_terminate_backend(${pid})`);
      await tx.run(sql`select 1`);
    });
    await expect(lost).rejects.toThrow();
    expect(await listWrong()).toEqual([]);
    expect(await countDeliveries(db, batch.digestId)).toMatchObject({ planned: 10, queued: 10, sending: 0 });
  });
});

test('results of which some come too late count for those that were written', async () => {
  const [batch] = await planBatches(1, 6);
  if (batch === undefined) throw new Error('There is no batch');
  const { db, now } = app.context;
  const claimed = await db.transaction((tx) => claim(tx, batch, 6));
  const [lost = claimed[0], requeued = claimed[1], ...others] = claimed;
  if (lost === undefined || requeued === undefined) throw new Error('Nothing was claimed');
  await db.transaction((tx) => markUncertain(tx, batch, [lost], now()));
  await db.transaction((tx) => requeueSending(tx, batch, [requeued], now()));
  const results = [lost, requeued, ...others].map((row, at) => ({ ...row, result: resultOf(at) }));
  expect(await db.transaction((tx) => recordResults(tx, batch, results, now()))).toBe(5);
  expect(await listWrong()).toEqual([]);
  expect(await db.transaction((tx) => recordResults(tx, batch, results, now()))).toBe(0);
  expect(await listWrong()).toEqual([]);
});

test('numbers that somebody has made wrong are found, and are right the next day', async () => {
  const [batch] = await planBatches(1, 3);
  const { db } = app.context;
  await db.run(sql`update deliveries set state = 'accepted', attempt = 1`);
  await db.run(
    sql`insert into count_changes (name, owner_id, key, count) values ('articles', gen_random_uuid(), '{held}', 2)`,
  );
  expect(await listWrong()).toMatchObject([
    { name: 'articles', key: ['held'], kept: 2, counted: 0 },
    { name: 'deliveries', ownerId: batch?.digestId, key: ['accepted'], kept: 0, counted: 3 },
    { name: 'deliveries', ownerId: batch?.digestId, key: ['queued'], kept: 3, counted: 0 },
  ]);
  const events: LoggedEvent[] = [];
  const log = createLog('warn', { file: devNull, onEvent: (event) => void events.push(event) });
  await correctWrongCounts({ ...app.context, log });
  expect(events).toMatchObject([
    { event: 'counts.corrected', names: ['articles', 'deliveries'], numbers: 3 },
  ]);
  expect(await listWrong()).toEqual([]);
});

/** One digest to readers in so many batches. */
async function planBatches(count: number, size: number): Promise<BatchKey[]> {
  const { db, now } = app.context;
  const publication = await app.createPublication();
  const readers = await addReaders(app, publication, readerAddresses(count * size));
  await addArticles(app, publication, 'Harbour');
  await app.handlers['plan-instant']({ publicationId: publication.id });
  const { digestId, batch } = await db.one<{ digestId: string; batch: number }>(
    sql`select digest_id, batch from deliveries limit 1`,
  );
  const numbers = [batch];
  for (let at = 1; at < count; at += 1) {
    const { number } = await db.transaction((tx) => insertBatch(tx, digestId, now()));
    const ids = readers.slice(at * size, (at + 1) * size).map(({ id }) => id);
    await db.run(sql`update deliveries set batch = ${number} where subscription_id = any(${ids}::uuid[])`);
    numbers.push(number);
  }
  return numbers.map((number) => ({ digestId, number }));
}

async function claim(tx: Tx, batch: BatchKey, limit: number): Promise<AttemptKey[]> {
  const { now } = app.context;
  const due = await listDue(tx, batch, { limit, except: [] }, now());
  const addressHash = Buffer.alloc(32);
  return markSending(
    tx,
    batch,
    1,
    due.map((row) => ({ ...row, addressHash })),
    now(),
  );
}

/** As a worker does, a few deliveries in a transaction. */
async function sendSlowly(batch: BatchKey): Promise<void> {
  const { db, now } = app.context;
  for (;;) {
    const claimed = await db.transaction((tx) => claim(tx, batch, 10));
    if (claimed.length === 0) return;
    const results = claimed.map((row, at) => ({ ...row, result: resultOf(at) }));
    await db.transaction((tx) => recordResults(tx, batch, results, now()));
  }
}

function resultOf(at: number): AttemptResult {
  const none = { skipReason: null, answer: null, nextAttemptAt: null, providerMessageId: null };
  return { ...none, state: at % 2 === 0 ? 'accepted' : 'rejected' };
}

async function checkWhile(goesOn: () => boolean): Promise<WrongCount[]> {
  const wrong: WrongCount[] = [];
  await repeatWhile(goesOn, async () => void wrong.push(...(await listWrong())));
  return wrong;
}

async function repeatWhile(isOver: () => boolean, work: () => Promise<void>): Promise<void> {
  while (!isOver()) await work();
}
