import { createLog } from '../../../src/platform/log.js';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { cancelDeliveries } from '../../../src/deliveries/control/cancel-deliveries.js';
import {
  cancelDigest,
  pauseDigestByOperator,
  pauseDigestByMailServer,
} from '../../../src/digests/change-state.js';
import {
  describeCancellation,
  explainCancellation,
} from '../../../src/deliveries/control/cancellation-report.js';
import { resolveDigest } from '../../../src/deliveries/control/resolve-digest.js';
import { resumeDeliveries, resumeDigest } from '../../../src/deliveries/control/resume-digest.js';
import { retryDeliveries, retryDigest } from '../../../src/deliveries/control/retry-digest.js';
import { countDeliveries } from '../../../src/deliveries/reads.js';
import type { Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import {
  addDigestWithDeliveries,
  batchRows,
  digestRow,
  deleteJobs,
  listOutbox,
  describeDeliveries,
  type DigestFixture,
} from '../delivery-rows.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';
import { operatorWords } from '../../support/operator-words.js';

let database: TestDatabase;
let db: Db;
let time: number;
const now = () => new Date(time);
const context = () => ({ db, now, actor: { kind: 'command-line' as const }, log: createLog('silent') });

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
beforeEach(async () => {
  time = Date.parse('2026-11-22T09:00:00Z');
  await deleteJobs(db);
});
/** Every ledger balances, whatever was done to it. */
afterEach(async () => {
  for (const { id } of await db.many<{ id: string }>(sql`select id from digests`)) {
    const { planned, ...each } = await countDeliveries(db, id);
    expect(Object.values(each).reduce((sum, count) => sum + count, 0)).toBe(planned);
  }
});
afterAll(() => database.close());

/** Does it once more, and three times at once, which must change nothing. */
async function expectNoMore(run: () => Promise<void>): Promise<void> {
  const before = await dumpTables(db);
  await run();
  await Promise.all([run(), run(), run()]);
  expect(changedTables(before, await dumpTables(db))).toEqual([]);
}

const inAnHour = () => new Date(time + HOUR_MS);

test('cancelling skips whoever was not sent the digest; mails being sent, final ones and uncertain ones stay', async () => {
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'sending' }, [
    { state: 'queued' },
    { state: 'deferred', nextAttemptAt: inAnHour() },
    { state: 'sending' },
    { state: 'accepted', answer: '250 ok' },
    { state: 'rejected', answer: '550 no' },
    { state: 'uncertain' },
    { state: 'skipped', skipReason: 'unsubscribed' },
    { state: 'queued', batch: 2, nextAttemptAt: inAnHour() },
  ]);
  expect((await cancelDigest(context(), ledger.digestId)).kind).toBe('done');
  expect(await listOutbox(db)).toMatchObject([
    { name: 'cancel-deliveries', payload: { digestId: ledger.digestId } },
  ]);
  await deleteJobs(db);
  await cancelDeliveries(context(), ledger.digestId);
  expect(await describeDeliveries(db, ledger)).toEqual([
    'skipped: cancelled',
    'skipped: cancelled',
    'sending',
    'accepted: 250 ok',
    'rejected: 550 no',
    'uncertain',
    'skipped: unsubscribed',
    'skipped: cancelled',
  ]);
  expect(await batchRows(db, ledger)).toEqual([
    { number: 1, dueAt: null },
    { number: 2, dueAt: null },
  ]);
  await expectNoMore(() => cancelDeliveries(context(), ledger.digestId));
});

test('cancelling also skips later what a worker has not sent when it gives its batch back', async () => {
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'sending' }, [
    { state: 'queued' },
    { state: 'sending' },
  ]);
  const { digestId } = ledger;
  const token = randomUUID();
  await db.run(
    sql`update batches set lease_token = ${token}, leased_until = ${inAnHour()} where digest_id = ${digestId}`,
  );
  await cancelDigest(context(), digestId);
  await deleteJobs(db);
  await cancelDeliveries(context(), digestId);
  expect(await describeDeliveries(db, ledger)).toEqual(['skipped: cancelled', 'sending']);
  expect(await listOutbox(db)).toMatchObject([
    { name: 'cancel-deliveries', payload: { digestId }, dueAt: new Date(time + 2_000) },
  ]);
  // The connection broke before the dot: back in the queue, and the worker gives its lease back.
  await db.run(
    sql`update deliveries set state = 'queued' where digest_id = ${digestId} and state = 'sending'`,
  );
  await db.run(
    sql`update batches set lease_token = null, leased_until = null, due_at = ${now()} where digest_id = ${digestId}`,
  );
  await deleteJobs(db);
  await cancelDeliveries(context(), digestId);
  expect(await describeDeliveries(db, ledger)).toEqual(['skipped: cancelled', 'skipped: cancelled']);
  expect(await listOutbox(db)).toEqual([]);
});

test('the job of cancelling skips nothing in a digest that is not cancelled', async () => {
  const { digestId } = await addDigestWithDeliveries(db, now(), { state: 'paused' }, [{ state: 'queued' }]);
  await expectNoMore(() => cancelDeliveries(context(), digestId));
  await expectNoMore(() => cancelDeliveries(context(), randomUUID()));
});

test('the answer to cancelling says with numbers what it means for readers, then and later', async () => {
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'sending' }, [
    ...Array.from({ length: 3 }, () => ({ state: 'queued' as const })),
    ...Array.from({ length: 2 }, () => ({ state: 'accepted' as const })),
    { state: 'uncertain' },
    { state: 'sending' },
    { state: 'skipped', skipReason: 'unsubscribed' },
  ]);
  await cancelDigest(context(), ledger.digestId);
  const digest = { id: ledger.digestId, cadence: 'daily' as const };
  const first = await describeCancellation(db, digest, operatorWords);
  await cancelDeliveries(context(), ledger.digestId);
  const later = await describeCancellation(db, digest, operatorWords);
  expect([first.keptFrom, later.keptFrom]).toEqual([3, 3]);
  expect(later.explanation).toEqual(first.explanation);
  expect(first.explanation[0]).toBe('2 readers have it; 3 readers will not be sent it.');
  expect(first.explanation).toHaveLength(4);
  const { counts } = first;
  const titles = ['One', 'Two', 'Three', 'Four', 'Five', 'Six'];
  expect(explainCancellation('daily', { counts, keptFrom: 3, titles }, operatorWords)[1]).toContain(
    'will not be mailed them again: “One”, “Two”, “Three”, “Four”, “Five” and 1 more.',
  );
  expect(explainCancellation('operator', { counts, keptFrom: 3, titles }, operatorWords)[1]).toContain(
    'the next digest of their own',
  );
  const nobody = { counts: { ...counts, planned: 0 }, keptFrom: 0, titles: [] };
  const unplanned = (['operator', 'instant', 'weekly'] as const).map((each) =>
    explainCancellation(each, nobody, operatorWords),
  );
  expect(new Set(unplanned.map(([sentence]) => sentence)).size).toBe(3);
  for (const [sentence] of unplanned) expect(sentence).toMatch(/^Nobody was mailed anything/);
});

test('after resuming, mails that waited because of the sender are due at once, those that readers’ servers deferred are not', async () => {
  const tomorrow = new Date(time + DAY_MS);
  const ledger = await addDigestWithDeliveries(
    db,
    now(),
    { state: 'paused', pausedBy: 'mail-server', reason: '554 5.7.1 Blocked' },
    [
      { state: 'queued', nextAttemptAt: tomorrow },
      { state: 'deferred', batch: 2, nextAttemptAt: tomorrow },
      { state: 'queued', batch: 3 },
      { state: 'accepted', batch: 4 },
    ],
  );
  await resumeDigest(context(), ledger.digestId);
  const [job] = await listOutbox(db);
  expect(job?.name).toBe('resume-deliveries');
  await deleteJobs(db);
  const payload = { digestId: ledger.digestId, asOf: now().toISOString() };
  expect(job?.payload).toEqual(payload);
  await resumeDeliveries(context(), payload);
  expect(await batchRows(db, ledger)).toEqual([
    { number: 1, dueAt: now() },
    { number: 2, dueAt: tomorrow },
    { number: 3, dueAt: now() },
    { number: 4, dueAt: null },
  ]);
  expect((await listOutbox(db)).map(({ name, payload: { batch } }) => `${name} ${String(batch)}`)).toEqual([
    'send-batch 1',
    'send-batch 3',
  ]);
  await expectNoMore(() => resumeDeliveries(context(), payload));

  // A wait that began after the operator resumed is not touched.
  time += HOUR_MS;
  await db.run(
    sql`update deliveries set next_attempt_at = ${tomorrow}, updated_at = ${now()} where state = 'queued' and batch = 1`,
  );
  await db.run(sql`update batches set due_at = ${tomorrow} where due_at is not null`);
  await expectNoMore(() => resumeDeliveries(context(), payload));
});

test('resuming closes the circuits of servers that refused us, but not when the digest was paused by hand', async () => {
  const { id: server } = await db.one<{ id: number }>(sql`
    insert into transports (name, first_used_at) values ('mail.example:25', ${now()}) returning id
  `);
  for (const domain of ['', 'slow.example'])
    await db.run(sql`
      insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at)
      values (${server}, ${domain}, 'refused', '554 5.7.1 Blocked', 20, 20, ${now()})
    `);
  const open = async () => (await listCircuits(db)).map(({ domain }) => domain);
  const { digestId } = await addDigestWithDeliveries(db, now(), { state: 'sending' });
  await pauseDigestByOperator(context(), digestId);
  await resumeDigest(context(), digestId);
  expect((await open()).toSorted()).toEqual(['', 'slow.example']);
  await db.transaction((tx) => pauseDigestByMailServer(tx, digestId, '554 5.7.1 Blocked', now()));
  await resumeDigest(context(), digestId);
  expect(await open()).toEqual(['slow.example']);
});

test('resuming does nothing to a digest that was paused again before the job ran', async () => {
  const { digestId } = await addDigestWithDeliveries(db, now(), { state: 'paused' }, [
    { state: 'queued', nextAttemptAt: inAnHour() },
  ]);
  await expectNoMore(() => resumeDeliveries(context(), { digestId, asOf: now().toISOString() }));
});

test('retrying a digest sends what failed, but not to readers who are suppressed, have left, have it, or may have it', async () => {
  const [suppressed, erased] = [randomBytes(32), randomBytes(32)];
  const hers = [
    'unsubscribed',
    'paused',
    'pending',
    'erased',
    'suppressed',
    'archived',
    'address-changed',
  ] as const;
  const rows = [
    { state: 'deferred', nextAttemptAt: inAnHour() },
    { state: 'rejected', answer: '550 5.1.1 No such user' },
    { state: 'rejected', answer: '550 5.1.1 No such user', addressHash: suppressed },
    { state: 'rejected', answer: '550 5.1.1 No such user', addressHash: erased },
    { state: 'skipped', skipReason: 'expired', answer: '451 4.2.1 Try again later' },
    { state: 'skipped', skipReason: 'not-composed', batch: 2 },
    { state: 'skipped', skipReason: 'sender-fault', answer: '554 5.7.1 Your server is blocked', batch: 2 },
    ...hers.flatMap((skipReason) => [
      { state: 'skipped' as const, skipReason },
      { state: 'skipped' as const, skipReason, answer: '451 4.2.1 Try again later' },
    ]),
    { state: 'accepted' },
    { state: 'uncertain' },
    { state: 'sending' },
  ] as const;
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'closed' }, rows);
  await suppress(ledger, suppressed, 'bounced');
  await suppress(ledger, erased, 'erased');
  const unchanged = await describeDeliveries(db, ledger);

  expect(await retryDigest(context(), ledger.digestId)).toEqual({
    kind: 'done',
    failed: { deferred: 1, rejected: 2, suppressed: 1, skipped: 3 },
  });
  expect(await digestRow(db, ledger)).toMatchObject({
    state: 'sending',
    expiresAt: new Date(time + 3 * DAY_MS),
  });
  const [job] = await listOutbox(db);
  const payload = { digestId: ledger.digestId, asOf: now().toISOString() };
  expect([job?.name, job?.payload]).toEqual(['retry-deliveries', payload]);
  await deleteJobs(db);
  // The sweep found it complete before the job came.
  await db.run(sql`update digests set state = 'closed' where id = ${ledger.digestId}`);
  await retryDeliveries(context(), payload);
  expect(
    (await describeDeliveries(db, ledger)).map((state, at) => (state === unchanged[at] ? 'same' : state)),
  ).toEqual([
    'same',
    'queued: 550 5.1.1 No such user',
    'same',
    'queued: 550 5.1.1 No such user',
    'queued: expired: 451 4.2.1 Try again later',
    'queued: could not be composed',
    'queued: 554 5.7.1 Your server is blocked',
    ...rows.slice(7).map(() => 'same'),
  ]);
  expect(await batchRows(db, ledger)).toEqual([
    { number: 1, dueAt: now() },
    { number: 2, dueAt: now() },
  ]);
  expect((await digestRow(db, ledger)).state).toBe('sending');
  expect((await listOutbox(db)).map(({ name }) => name)).toEqual(['send-batch', 'send-batch']);
  await expectNoMore(() => retryDeliveries(context(), payload));

  // What failed again after the operator's decision waits for the next one.
  time += HOUR_MS;
  await db.run(
    sql`update deliveries set state = 'rejected', skip_reason = null, updated_at = ${now()} where digest_id = ${ledger.digestId} and state = 'queued'`,
  );
  await db.run(sql`update digests set state = 'closed' where id = ${ledger.digestId}`);
  await expectNoMore(() => retryDeliveries(context(), payload));
});

test('without failed mails there is nothing to retry, and a complete digest stays complete', async () => {
  const hash = randomBytes(32);
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'closed' }, [
    { state: 'accepted' },
    { state: 'uncertain' },
    { state: 'rejected', addressHash: hash },
    { state: 'skipped', skipReason: 'unsubscribed' },
  ]);
  await suppress(ledger, hash, 'complained');
  expect(await retryDigest(context(), ledger.digestId)).toEqual({ kind: 'nothing', suppressed: 1 });
  expect([(await digestRow(db, ledger)).state, await listOutbox(db)]).toEqual(['closed', []]);
  for (const state of ['held', 'approved', 'cancelled'] as const) {
    const { digestId } = await addDigestWithDeliveries(db, now(), { state }, [{ state: 'rejected' }]);
    expect(await retryDigest(context(), digestId)).toEqual({ kind: 'refused', state });
    await expectNoMore(() => retryDeliveries(context(), { digestId, asOf: now().toISOString() }));
  }
  expect(await retryDigest(context(), randomUUID())).toEqual({ kind: 'unknown' });
});

test('uncertain mails are resolved as accepted, for one reader or for all of a digest', async () => {
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'cancelled' }, [
    { state: 'uncertain', answer: 'The connection broke.' },
    { state: 'uncertain', batch: 2 },
    { state: 'uncertain', batch: 2 },
    { state: 'accepted' },
    { state: 'queued' },
  ]);
  const [first = ''] = ledger.subscriptionIds;
  const one = () => resolveDigest(context(), ledger.digestId, { as: 'accepted', subscriptionId: first });
  expect([await one(), await one()]).toEqual([{ kind: 'done', count: 1 }, { kind: 'nothing' }]);
  expect(await resolveDigest(context(), ledger.digestId, { as: 'accepted' })).toEqual({
    kind: 'done',
    count: 2,
  });
  const arrived = 'accepted: An operator found that it had arrived.';
  expect(await describeDeliveries(db, ledger)).toEqual([arrived, arrived, arrived, 'accepted', 'queued']);
  expect(await listOutbox(db)).toEqual([]);
});

test('uncertain mails are resolved by sending again: counted, in a digest that is open again, and never in a cancelled one', async () => {
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'closed' }, [
    { state: 'uncertain' },
    { state: 'accepted' },
    { state: 'uncertain', batch: 3 },
  ]);
  const resend = () => resolveDigest(context(), ledger.digestId, { as: 'resend' });
  const counts = await Promise.all([resend(), resend()]);
  // Batch by batch, either of them may come first.
  expect(counts.reduce((sum, each) => sum + (each.kind === 'done' ? each.count : 0), 0)).toBe(2);
  expect(await describeDeliveries(db, ledger)).toEqual(['queued', 'accepted', 'queued']);
  expect(
    await db.many(
      sql`select resends from deliveries where digest_id = ${ledger.digestId} and state = 'queued'`,
    ),
  ).toEqual([{ resends: 1 }, { resends: 1 }]);
  expect(await digestRow(db, ledger)).toMatchObject({
    state: 'sending',
    expiresAt: new Date(time + 3 * DAY_MS),
  });
  expect((await listOutbox(db)).map(({ payload: { batch } }) => batch)).toEqual([1, 3]);
  expect(await resend()).toEqual({ kind: 'nothing' });

  const paused = await addDigestWithDeliveries(db, now(), { state: 'paused' }, [{ state: 'uncertain' }]);
  await resolveDigest(context(), paused.digestId, { as: 'resend' });
  expect([(await digestRow(db, paused)).state, await describeDeliveries(db, paused)]).toEqual([
    'paused',
    ['queued'],
  ]);

  const cancelled = await addDigestWithDeliveries(db, now(), { state: 'cancelled' }, [
    { state: 'uncertain' },
  ]);
  expect(await resolveDigest(context(), cancelled.digestId, { as: 'resend' })).toEqual({
    kind: 'refused',
    state: 'cancelled',
  });
  expect(await describeDeliveries(db, cancelled)).toEqual(['uncertain']);
  expect(await resolveDigest(context(), randomUUID(), { as: 'accepted' })).toEqual({ kind: 'unknown' });
});

test('mails that became uncertain after the operator decided are not resolved by it', async () => {
  const later = new Date(time + 1);
  const ledger = await addDigestWithDeliveries(db, now(), { state: 'sending' }, [
    { state: 'uncertain', updatedAt: later },
    { state: 'uncertain' },
  ]);
  expect(await resolveDigest(context(), ledger.digestId, { as: 'accepted' })).toEqual({
    kind: 'done',
    count: 1,
  });
  expect((await describeDeliveries(db, ledger))[0]).toBe('uncertain');
});

async function suppress({ publicationId }: DigestFixture, hash: Buffer, reason: string): Promise<void> {
  await db.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    values (${hash}, ${publicationId}, ${reason}, ${now()})
  `);
}
