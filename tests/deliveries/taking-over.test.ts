import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sendBatch } from '../../src/deliveries/send-batch.js';
import { listDigests } from '../../src/digests/reads.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { openHouse, type House } from '../support/house.js';
import { addArticles, addReaders, crowd, emptyHouse, later, listDeliveries } from '../support/readers.js';
import { gate, until } from '../workers/support.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** A lease and its grace. */
const DEAD_MS = 21 * SECOND_MS;

let house: House;
let publication: Publication;
let batch: { digestId: string; number: number };

/** Six readers, planned and not sent. */
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  await emptyHouse(house);
  publication = await house.publish();
  await addReaders(house, publication, crowd(6));
  await addArticles(house, publication, 'Harbour');
  await house.handlers['plan-instant']({ publicationId: publication.id });
  await house.context.db.run(sql`delete from outbox`);
  const [first] = await listDeliveries(house);
  batch = { digestId: first?.digestId ?? '', number: first?.batch ?? 0 };
});
afterAll(() => house.close());

const states = async () => (await listDeliveries(house)).map(({ state }) => state);
const recipients = () => house.smtp.messages.map(({ to }) => to).sort();

/** A worker took the batch, got as far as this with each reader, and was killed. */
async function killWorker(progress: ('queued' | 'no intent' | 'intent' | 'accepted')[]): Promise<void> {
  const { db, now } = house.context;
  const lease = new Date(now().getTime() + 15 * SECOND_MS);
  await db.run(sql`
    update batches set lease_token = gen_random_uuid(), leased_until = ${lease}
     where digest_id = ${batch.digestId} and number = ${batch.number}
  `);
  const deliveries = await listDeliveries(house);
  for (const [at, how] of progress.entries()) {
    if (how === 'queued') continue;
    await db.run(sql`
      update deliveries
         set state = ${how === 'accepted' ? 'accepted' : 'sending'},
             attempt = 1,
             intent_at = ${how === 'no intent' ? null : now()}
       where subscription_id = ${deliveries[at]?.subscriptionId}
    `);
  }
}

test('a dead worker’s mails are queued again without an intent, in doubt with one, and kept when they were accepted', async () => {
  await killWorker(['queued', 'no intent', 'intent', 'accepted', 'no intent', 'queued']);
  await later(house, 19 * SECOND_MS);
  expect(await states()).toEqual(['queued', 'sending', 'sending', 'accepted', 'sending', 'queued']);
  house.pass(2 * SECOND_MS);
  await house.handlers.sweep({});
  expect(await states()).toEqual(['queued', 'queued', 'uncertain', 'accepted', 'queued', 'queued']);
  await house.work();
  expect(await states()).toEqual(['accepted', 'accepted', 'uncertain', 'accepted', 'accepted', 'accepted']);
  const [one, two, doubtful, , five, six] = crowd(6);
  expect(recipients()).toEqual([one, two, five, six]);
  await later(house, 11 * MINUTE_MS);
  expect(recipients()).toEqual([one, two, doubtful, five, six].sort());
  expect(new Set(await states())).toEqual(new Set(['accepted']));
  await later(house, 0);
  expect((await listDigests(house.context.db, publication.id, 1))[0]?.state).toBe('closed');
});

test('a batch that is woken before the sweep has come round strands nobody', async () => {
  await killWorker(['intent', 'no intent']);
  for (const seconds of [14, 2, 5, 60]) {
    house.pass(seconds * SECOND_MS);
    await sendBatch(house.context, batch);
  }
  expect(house.smtp.messages).toEqual([]);
  await later(house, 0);
  expect(await states()).toEqual(['uncertain', ...Array<string>(5).fill('accepted')]);
  await later(house, 11 * MINUTE_MS);
  expect(recipients()).toEqual(crowd(6));
  expect(new Set(await states())).toEqual(new Set(['accepted']));
});

test('a worker that comes back after its batch was taken over gets no dot out', async () => {
  const back = gate();
  let first = true;
  house.smtp.answer(async (stage) => {
    if (stage !== 'mail' || !first) return undefined;
    await back.opened;
    return undefined;
  });
  const stale = sendBatch(house.context, batch);
  await until(() => house.smtp.commands.filter((line) => line.startsWith('MAIL')).length === 4);
  first = false;
  house.pass(DEAD_MS);
  await house.handlers.sweep({});
  back.open();
  await stale;
  expect(house.smtp.messages).toEqual([]);
  expect(await states()).toEqual(Array(6).fill('queued'));
  await later(house, 0);
  expect(recipients()).toEqual(crowd(6));
  const attempts = (await listDeliveries(house)).map(({ attempt }) => attempt);
  expect(attempts).toEqual(Array(6).fill(2));
});

test('an answer that comes late still counts, if it belongs to the attempt', async () => {
  const back = gate();
  house.smtp.answer(async (stage) => {
    if (stage === 'dot') await back.opened;
    return undefined;
  });
  const slow = sendBatch(house.context, batch);
  await until(
    async () => (await listDeliveries(house)).filter(({ intentAt }) => intentAt !== null).length === 4,
  );
  house.pass(DEAD_MS);
  await house.handlers.sweep({});
  expect((await states()).toSorted()).toEqual(['queued', 'queued', ...Array<string>(4).fill('uncertain')]);
  back.open();
  await slow;
  expect((await states()).toSorted()).toEqual([...Array<string>(4).fill('accepted'), 'queued', 'queued']);
  await later(house, 0);
  await later(house, 11 * MINUTE_MS);
  expect(recipients()).toEqual(crowd(6));
  expect((await listDigests(house.context.db, publication.id, 1))[0]?.state).toBe('closed');
});

test('an answer that belongs to an earlier attempt changes nothing', async () => {
  const { db } = house.context;
  const back = gate();
  house.smtp.answer(async (stage, _to) => {
    if (stage === 'dot') await back.opened;
    return stage === 'dot' ? '550 5.1.1 No such user' : undefined;
  });
  const slow = sendBatch(house.context, batch);
  await until(
    async () => (await listDeliveries(house)).filter(({ intentAt }) => intentAt !== null).length === 4,
  );
  await db.run(sql`update deliveries set attempt = attempt + 1`);
  const before = await listDeliveries(house);
  house.pass(DEAD_MS);
  back.open();
  await slow;
  const doubtful = (await listDeliveries(house)).filter(({ intentAt }) => intentAt !== null);
  expect(doubtful).toEqual(before.filter(({ intentAt }) => intentAt !== null));
  expect(doubtful.map(({ state }) => state)).toEqual(Array(4).fill('sending'));
});
