import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBatchJournal } from '../../../src/deliveries/batches/journal.js';
import { takeLease } from '../../../src/deliveries/batches/lease.js';
import { sendBatch } from '../../../src/deliveries/send/send-batch.js';
import { takeOverJournals } from '../../../src/deliveries/batches/take-over.js';
import { listDigests } from '../../../src/digests/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import { currentProcessIdentity } from '../../../src/platform/process/identity.js';
import { openJournal } from '../../../src/platform/process/journal.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { readerAddresses, advanceAndRunJobs } from '../../support/fixtures.js';
import { createLatch } from '../../workers/test-worker.js';
import { waitUntil } from '../../support/wait-until.js';
import { MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { planOneBatch } from '../planned-batch.js';
import { listDeliveries } from '../../support/deliveries.js';

/** A lease and its grace. */
const DEAD_MS = 21 * SECOND_MS;
const READERS = 12;
/** One less than the application has connections: the last one sends the other mails. */
const HELD_DOTS = 3;

let testApp: TestApp;
let publicationId: string;
let batch: { digestId: string; number: number };

/** Uncertain mails are not sent again here, so a mail that arrives twice is a mistake. */
beforeAll(async () => {
  testApp = await openTestApp({ uncertain: 'hold' });
});
beforeEach(async () => {
  const planned = await planOneBatch(testApp, READERS);
  publicationId = planned.publication.id;
  batch = planned.batch;
});
afterAll(() => testApp.close());

const states = async () => (await listDeliveries(testApp)).map(({ state }) => state).toSorted();
const all = (state: string, count = READERS) => Array<string>(count).fill(state);
const recipients = () => testApp.smtp.messages.map(({ to }) => to).toSorted();
const digestState = async () => (await listDigests(testApp.context.db, publicationId, 1))[0]?.state;
const journalFolder = () => join(testApp.context.config.dataDir, 'journal');

/** The replies to the first dots, which are this, wait until `open`; all others are as usual. */
function holdFirstDots(answer: string) {
  const back = createLatch();
  let dots = 0;
  testApp.smtp.setScript(async (stage) => {
    if (stage !== 'dot' || (dots += 1) > HELD_DOTS) return undefined;
    await back.opened;
    return answer;
  });
  // A connection whose dot is held has begun its next message too: the fourth one sends the rest.
  const rest = READERS - 2 * HELD_DOTS;
  const isRecorded = async () => (await states()).filter((state) => state === 'accepted').length === rest;
  return { back, restTaken: () => waitUntil(isRecorded) };
}

/** The replies to all dots wait until `open`. */
function holdAllDots() {
  const back = createLatch();
  let dots = 0;
  testApp.smtp.setScript(async (stage) => {
    if (stage !== 'dot') return undefined;
    dots += 1;
    await back.opened;
    return undefined;
  });
  return { back, waiting: () => waitUntil(() => dots >= HELD_DOTS + 1) };
}

/** A worker took the batch, claimed all of it, recorded no intent, and was killed. */
async function killBeforeTheDot(): Promise<string> {
  const { db, now, config } = testApp.context;
  const lease = randomUUID();
  const journal = createBatchJournal(config.dataDir, lease, batch);
  await takeLease(testApp.context, batch, lease);
  await db.run(sql`update deliveries set state = 'sending', attempt = 1, updated_at = ${now()}`);
  journal.close();
  return lease;
}

test('where no journal can be written nothing is sent, and when it can be again everything is sent once', async () => {
  rmSync(journalFolder(), { recursive: true, force: true });
  mkdirSync(testApp.context.config.dataDir, { recursive: true });
  writeFileSync(journalFolder(), 'in the way');
  await expect(sendBatch(testApp.workerContext, batch)).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(testApp.smtp.messages).toEqual([]);
  expect(await states()).toEqual(all('queued'));
  rmSync(journalFolder());
  await advanceAndRunJobs(testApp, 0);
  expect(recipients()).toEqual(readerAddresses(READERS).toSorted());
});

test('when somebody deletes the journals no dot goes out without one', async () => {
  const { back, waiting } = holdAllDots();
  const sent = sendBatch(testApp.workerContext, batch);
  await waiting();
  rmSync(journalFolder(), { recursive: true });
  back.open();
  await sent;
  expect(testApp.smtp.messages).toHaveLength(HELD_DOTS + 1);
  expect(await states()).toEqual([
    ...all('accepted', HELD_DOTS + 1),
    ...all('queued', READERS - HELD_DOTS - 1),
  ]);
  await advanceAndRunJobs(testApp, MINUTE_MS);
  expect(recipients()).toEqual(readerAddresses(READERS).toSorted());
});

test('a journal that cannot be read does not prevent the others from being taken over', async () => {
  mkdirSync(join(journalFolder(), `${'0'.repeat(8)}.journal`), { recursive: true });
  await killBeforeTheDot();
  testApp.advanceClock(DEAD_MS);
  await expect(takeOverJournals(testApp.context)).rejects.toThrow('EISDIR');
  expect(await states()).toEqual(all('queued'));
  rmSync(join(journalFolder(), `${'0'.repeat(8)}.journal`), { recursive: true });
});

test('what was taken over is sent at once, and need not wait for the dead worker’s own wake-up', async () => {
  await killBeforeTheDot();
  testApp.advanceClock(DEAD_MS);
  await takeOverJournals(testApp.context);
  await testApp.runDueJobs();
  expect(recipients()).toEqual(readerAddresses(READERS).toSorted());
});

test('after Postgres was away for minutes a worker’s own journal is read before its batch counts as lost', async () => {
  await killBeforeTheDot();
  testApp.advanceClock(5 * MINUTE_MS);
  await testApp.handlers.sweep({});
  expect(await states()).toEqual(all('queued'));
});

test('a journal of another machine that shares the folder is left alone while its lease is good', async () => {
  const { db, now, config } = testApp.context;
  const lease = randomUUID();
  const owner = { ...currentProcessIdentity(), boot: 'its own', host: 'elsewhere' };
  const file = join(config.dataDir, 'journal', `${lease}.journal`);
  openJournal(file, JSON.stringify({ batch, owner })).close();
  await takeLease(testApp.context, batch, lease);
  await db.run(sql`update deliveries set state = 'sending', attempt = 1, updated_at = ${now()}`);
  await takeOverJournals(testApp.context);
  expect(await states()).toEqual(all('sending'));
  testApp.advanceClock(DEAD_MS);
  await takeOverJournals(testApp.context);
  // The other machine may not have written all of it yet.
  expect(await states()).toEqual(all('uncertain'));
});

test('a 4xx reply that comes late, when the rest of the digest is complete, is tried again', async () => {
  const { back, restTaken } = holdFirstDots('451 4.3.0 Try again later');
  const slow = sendBatch(testApp.workerContext, batch);
  await restTaken();
  await advanceAndRunJobs(testApp, DEAD_MS);
  await advanceAndRunJobs(testApp, MINUTE_MS);
  expect(await states()).toEqual([...all('accepted', READERS - HELD_DOTS), ...all('uncertain', HELD_DOTS)]);
  expect(await digestState()).toBe('closed');
  back.open();
  await slow;
  expect(await states()).toEqual([...all('accepted', READERS - HELD_DOTS), ...all('deferred', HELD_DOTS)]);
  expect(await digestState()).toBe('sending');
  await advanceAndRunJobs(testApp, 5 * MINUTE_MS);
  expect(recipients()).toEqual(readerAddresses(READERS).toSorted());
  await advanceAndRunJobs(testApp, 0);
  expect(await digestState()).toBe('closed');
});

test('a 4xx reply that comes late in a digest that was cancelled meanwhile is skipped', async () => {
  const { back, restTaken } = holdFirstDots('451 4.3.0 Try again later');
  const slow = sendBatch(testApp.workerContext, batch);
  await restTaken();
  await advanceAndRunJobs(testApp, DEAD_MS);
  await testApp.context.db.run(sql`update digests set state = 'cancelled'`);
  back.open();
  await slow;
  await advanceAndRunJobs(testApp, 5 * MINUTE_MS);
  expect(await states()).toEqual([...all('accepted', READERS - HELD_DOTS), ...all('skipped', HELD_DOTS)]);
});

test('a worker that finds its lease gone sends no more dots, whatever its clock says', async () => {
  const { db } = testApp.context;
  const token = randomUUID();
  const lease = await takeLease(testApp.context, batch, token);
  expect(lease?.isLive()).toBe(true);
  await db.run(sql`update batches set lease_token = ${randomUUID()}`);
  expect(await db.transaction(async (tx) => lease?.renew(tx))).toBe(false);
  expect(lease?.isLive()).toBe(false);
});

test('a worker that is asked to stop leaves the rest to be sent at once', async () => {
  const stopping = new AbortController();
  const { back, waiting } = holdAllDots();
  const sent = sendBatch({ ...testApp.workerContext, stopping: stopping.signal }, batch);
  await waiting();
  stopping.abort();
  back.open();
  await sent;
  const left = (await states()).filter((state) => state === 'queued').length;
  expect(left).toBeGreaterThan(0);
  expect(testApp.smtp.messages).toHaveLength(READERS - left);
  await testApp.runDueJobs();
  expect(recipients()).toEqual(readerAddresses(READERS).toSorted());
});
