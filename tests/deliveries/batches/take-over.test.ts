import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createBatchJournal,
  listBatchJournals,
  sealBatchJournal,
} from '../../../src/deliveries/batches/journal.js';
import type { AttemptResult } from '../../../src/deliveries/attempt-result.js';
import { takeLease } from '../../../src/deliveries/batches/lease.js';
import {
  markLostBatchesUncertain,
  takeOver,
  takeOverJournals,
} from '../../../src/deliveries/batches/take-over.js';
import { recordResults } from '../../../src/deliveries/record-results.js';
import { openJournal, sealJournal } from '../../../src/platform/process/journal.js';
import { sendBatch } from '../../../src/deliveries/send/send-batch.js';
import { listDigests } from '../../../src/digests/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { readerAddresses, advanceAndRunJobs } from '../../support/fixtures.js';
import { createLatch } from '../../workers/test-worker.js';
import { waitUntil } from '../../support/wait-until.js';
import { MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { planOneBatch } from '../planned-batch.js';
import { listDeliveries } from '../../support/deliveries.js';
import { listMarks, poisonRow } from '../../support/poisoned-rows.js';

/** A lease and its grace. */
const DEAD_MS = 21 * SECOND_MS;

let testApp: TestApp;
let publication: Publication;
let batch: { digestId: string; number: number };

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  ({ publication, batch } = await planOneBatch(testApp, 6));
});
afterAll(() => testApp.close());

const states = async () => (await listDeliveries(testApp)).map(({ state }) => state);
const recipients = () => testApp.smtp.messages.map(({ to }) => to).sort();

type Progress = 'queued' | 'no intent' | 'intent' | 'accepted' | 'recorded';

/** A worker took the batch, got this far with each reader, and was killed. Answers its lease token. */
async function killWorker(progress: Progress[]): Promise<string> {
  const { db, now, config } = testApp.context;
  const lease = randomUUID();
  const journal = createBatchJournal(config.dataDir, lease, batch);
  await takeLease(testApp.context, batch, lease);
  const [transportId] = await testApp.workerContext.router.listResendingTransportIds();
  const deliveries = await listDeliveries(testApp);
  for (const [at, how] of progress.entries()) {
    const row = { subscriptionId: deliveries[at]?.subscriptionId ?? '', attempt: 1 };
    if (how === 'queued') continue;
    await db.run(sql`
      update deliveries set state = 'sending', attempt = 1, transport_id = ${transportId}, updated_at = ${now()}
       where subscription_id = ${row.subscriptionId}
    `);
    if (how === 'no intent') continue;
    journal.recordIntent(row);
    if (how === 'intent') continue;
    journal.recordResult(row, ACCEPTED_RESULT);
    if (how === 'recorded')
      await db.transaction((tx) => recordResults(tx, batch, [{ ...row, result: ACCEPTED_RESULT }], now()));
  }
  journal.close();
  return lease;
}

const ACCEPTED_RESULT: AttemptResult = {
  state: 'accepted',
  skipReason: null,
  answer: '250 2.0.0 Ok',
  nextAttemptAt: null,
  providerMessageId: null,
};

const journals = () => listBatchJournals(testApp.context.config.dataDir).map(({ lease }) => lease);

test('a dead worker’s mails are queued again without an intent, uncertain with one, and accepted when the reply was recorded', async () => {
  const lease = await killWorker(['queued', 'no intent', 'intent', 'accepted', 'recorded', 'no intent']);
  await advanceAndRunJobs(testApp, 19 * SECOND_MS);
  expect(await states()).toEqual(['queued', 'sending', 'sending', 'sending', 'accepted', 'sending']);
  expect(journals()).toEqual([lease]);
  testApp.advanceClock(2 * SECOND_MS);
  await takeOverJournals(testApp.context);
  expect(await states()).toEqual(['queued', 'queued', 'uncertain', 'accepted', 'accepted', 'queued']);
  expect(journals()).toEqual([]);
  await advanceAndRunJobs(testApp, 0);
  expect(await states()).toEqual(['accepted', 'accepted', 'uncertain', 'accepted', 'accepted', 'accepted']);
  const [one, two, uncertain, , , six] = readerAddresses(6);
  expect(recipients()).toEqual([one, two, six]);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  expect(recipients()).toEqual([one, two, uncertain, six].sort());
  expect(new Set(await states())).toEqual(new Set(['accepted']));
  await advanceAndRunJobs(testApp, 0);
  expect((await listDigests(testApp.context.db, publication.id, 1))[0]?.state).toBe('closed');
});

test.each(['read by another worker', 'lost with its machine'] as const)(
  'a delivery that cannot be changed keeps none of its batch, whose journal is %s',
  async (journal) => {
    const { context } = testApp;
    const lease = await killWorker(['accepted', 'accepted', 'intent', 'no intent', 'no intent', 'queued']);
    const [poisoned] = await listDeliveries(testApp);
    const mend = await poisonRow(context.db, 'deliveries', poisoned?.subscriptionId ?? '', {
      column: 'subscription_id',
    });
    testApp.advanceClock(2 * MINUTE_MS);
    if (journal === 'lost with its machine') {
      rmSync(join(context.config.dataDir, 'journal', `${lease}.journal`));
      await markLostBatchesUncertain(context);
      expect(await states()).toEqual(['sending', ...Array<string>(4).fill('uncertain'), 'queued']);
    } else {
      await takeOverJournals(context);
      expect(await states()).toEqual(['sending', 'accepted', 'uncertain', 'queued', 'queued', 'queued']);
    }
    expect(await listMarks(context.db)).toMatchObject([
      { operation: 'record-result', rowId: poisoned?.subscriptionId },
    ]);
    expect(journals()).toEqual([]);
    const leased = await context.db.many(sql`select number from batches where leased_until is not null`);
    expect(leased).toEqual([]);
    await mend();
    testApp.advanceClock(MINUTE_MS);
    await testApp.handlers.sweep({});
    expect((await states())[0]).toBe('uncertain');
    expect(await listMarks(context.db)).toEqual([]);
  },
);

test('taking over twice, or half-way and then again, does no harm', async () => {
  const lease = await killWorker(['queued', 'no intent', 'intent', 'accepted', 'recorded', 'no intent']);
  const again = { lease, batch };
  testApp.advanceClock(DEAD_MS);
  // The first one dies after it has written the ledger and before it has deleted the file.
  const sealed = sealBatchJournal(testApp.context.config.dataDir, lease);
  expect(sealed?.intended).toHaveLength(3);
  await Promise.all([1, 2, 3].map(() => takeOver(testApp.context, again)));
  await takeOver(testApp.context, again);
  expect(await states()).toEqual(['queued', 'queued', 'uncertain', 'accepted', 'accepted', 'queued']);
});

test('a worker whose process has certainly ended is taken over at once', async () => {
  const lease = await killWorker(['queued', 'no intent', 'intent', 'accepted', 'recorded', 'no intent']);
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  rewriteOwner(lease, { pid: gone });
  await takeOverJournals(testApp.context);
  expect(await states()).toEqual(['queued', 'queued', 'uncertain', 'accepted', 'accepted', 'queued']);
});

test('after a restart of the machine the end of a journal may be lost: what it does not name is uncertain', async () => {
  const lease = await killWorker(['queued', 'no intent', 'intent', 'accepted', 'recorded', 'no intent']);
  rewriteOwner(lease, { boot: 'another one' });
  await takeOverJournals(testApp.context);
  expect(await states()).toEqual(['queued', 'uncertain', 'uncertain', 'accepted', 'accepted', 'uncertain']);
});

test('another machine waits a minute, then all that has no reply is uncertain; a journal that comes back later resolves what it has', async () => {
  const lease = await killWorker(['queued', 'no intent', 'intent', 'accepted', 'recorded', 'no intent']);
  const { dataDir } = testApp.context.config;
  const file = join(dataDir, 'journal', `${lease}.journal`);
  const elsewhere = join(dataDir, 'elsewhere');
  renameSync(file, elsewhere);
  testApp.advanceClock(70 * SECOND_MS);
  await advanceAndRunJobs(testApp, 0);
  expect(await states()).toEqual(['queued', 'sending', 'sending', 'sending', 'accepted', 'sending']);
  testApp.advanceClock(10 * SECOND_MS);
  await testApp.handlers.sweep({});
  expect(await states()).toEqual(['queued', 'uncertain', 'uncertain', 'uncertain', 'accepted', 'uncertain']);
  renameSync(elsewhere, file);
  rewriteOwner(lease, { pid: spawnSync(process.execPath, ['-e', '']).pid });
  await takeOverJournals(testApp.context);
  expect((await states())[3]).toBe('accepted');
  expect(journals()).toEqual([]);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  expect(new Set(await states())).toEqual(new Set(['accepted']));
});

/** The first record of a journal says whose it is. */
function rewriteOwner(lease: string, owner: Record<string, unknown>): void {
  const { dataDir } = testApp.context.config;
  const file = join(dataDir, 'journal', `${lease}.journal`);
  const [head = '', ...rest] = sealJournal(file) ?? [];
  const found = JSON.parse(head) as { owner: object };
  rmSync(file);
  const journal = openJournal(file, JSON.stringify({ ...found, owner: { ...found.owner, ...owner } }));
  for (const record of rest) journal.append(record);
  journal.close();
}

test('a batch whose job runs before the sweep leaves nobody in sending', async () => {
  await killWorker(['intent', 'no intent']);
  for (const seconds of [14, 2, 5, 60]) {
    testApp.advanceClock(seconds * SECOND_MS);
    await sendBatch(testApp.workerContext, batch);
  }
  expect(testApp.smtp.messages).toEqual([]);
  await advanceAndRunJobs(testApp, 0);
  expect(await states()).toEqual(['uncertain', ...Array<string>(5).fill('accepted')]);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  expect(recipients()).toEqual(readerAddresses(6));
  expect(new Set(await states())).toEqual(new Set(['accepted']));
});

test('a worker that comes back after its batch was taken over gets no dot out', async () => {
  const back = createLatch();
  let first = true;
  testApp.smtp.setScript(async (stage) => {
    if (stage !== 'mail' || !first) return undefined;
    await back.opened;
    return undefined;
  });
  const stale = sendBatch(testApp.workerContext, batch);
  await waitUntil(() => testApp.smtp.commands.filter((line) => line.startsWith('MAIL')).length === 4);
  first = false;
  testApp.advanceClock(DEAD_MS);
  await takeOverJournals(testApp.context);
  back.open();
  await stale;
  expect(testApp.smtp.messages).toEqual([]);
  expect(await states()).toEqual(Array(6).fill('queued'));
  await advanceAndRunJobs(testApp, 0);
  expect(recipients()).toEqual(readerAddresses(6));
  const attempts = (await listDeliveries(testApp)).map(({ attempt }) => attempt);
  expect(attempts).toEqual(Array(6).fill(2));
});

test('a reply that comes late still counts, if it belongs to the attempt', async () => {
  const back = createLatch();
  let dots = 0;
  testApp.smtp.setScript(async (stage) => {
    if (stage !== 'dot') return undefined;
    dots += 1;
    await back.opened;
    return undefined;
  });
  const slow = sendBatch(testApp.workerContext, batch);
  await waitUntil(() => dots === 4);
  testApp.advanceClock(DEAD_MS);
  await takeOverJournals(testApp.context);
  expect((await states()).toSorted()).toEqual(['queued', 'queued', ...Array<string>(4).fill('uncertain')]);
  back.open();
  await slow;
  expect((await states()).toSorted()).toEqual([...Array<string>(4).fill('accepted'), 'queued', 'queued']);
  await advanceAndRunJobs(testApp, 0);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  expect(recipients()).toEqual(readerAddresses(6));
  expect((await listDigests(testApp.context.db, publication.id, 1))[0]?.state).toBe('closed');
});

test('a journal of the version whose skip reasons were words is still read, and one record that is none keeps no other', async () => {
  const lease = randomUUID();
  const file = join(testApp.context.config.dataDir, 'journal', `${lease}.journal`);
  const journal = openJournal(file, JSON.stringify({ batch, owner: {} }));
  const nothing = { nextAttemptAt: null, providerMessageId: null };
  const [paused, changed, refused, accepted] = Array.from({ length: 4 }, () => randomUUID());
  const old = (id: string | undefined, state: string, answer: string) =>
    journal.append(`ending ${id} 1 ${JSON.stringify({ state, answer, ...nothing })}`);
  old(paused, 'skipped', 'paused');
  old(changed, 'skipped', 'address changed');
  old(refused, 'skipped', '554 5.7.1 Blocked');
  old(accepted, 'accepted', '250 2.0.0 Ok');
  const unreadable = randomUUID();
  journal.append(`result ${unreadable} 1 {"state":`);
  journal.close();
  const { results = [], intended } = sealBatchJournal(testApp.context.config.dataDir, lease) ?? {};
  expect(results.map(({ result }) => [result.skipReason, result.answer])).toEqual([
    ['paused', null],
    ['address-changed', null],
    ['sender-fault', '554 5.7.1 Blocked'],
    [null, '250 2.0.0 Ok'],
  ]);
  // What this version cannot read may have been sent.
  expect(intended).toEqual([{ subscriptionId: unreadable, attempt: 1 }]);
});

test('a reply that belongs to an earlier attempt changes nothing', async () => {
  const { db } = testApp.context;
  const back = createLatch();
  let dots = 0;
  testApp.smtp.setScript(async (stage) => {
    if (stage !== 'dot') return undefined;
    dots += 1;
    await back.opened;
    return '550 5.1.1 No such user';
  });
  const slow = sendBatch(testApp.workerContext, batch);
  await waitUntil(() => dots === 4);
  await db.run(sql`update deliveries set attempt = attempt + 1`);
  const before = await listDeliveries(testApp);
  testApp.advanceClock(DEAD_MS);
  back.open();
  await slow;
  expect(await listDeliveries(testApp)).toEqual(before);
  expect(await states()).toEqual(Array(6).fill('sending'));
});
