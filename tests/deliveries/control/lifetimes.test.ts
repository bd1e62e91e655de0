import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { resumeDigest } from '../../../src/deliveries/control/resume-digest.js';
import { resumeTransport } from '../../../src/deliveries/control/resume-transport.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import {
  approveDigest,
  holdApproved,
  pauseDigestByMailServer,
  pauseDigestByOperator,
} from '../../../src/digests/change-state.js';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { releaseHeldSignUps } from '../../../src/subscribers/sign-up/held.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import { listDeliveries } from '../../support/deliveries.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReaders,
  advanceAndRunJobs,
  readerAddresses,
  resetTestApp,
} from '../../support/fixtures.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ defaultCadence: 'weekly' });
  await addReaders(testApp, publication, readerAddresses(7));
  await addArticles(testApp, publication, 'Harbour');
});

async function orderDigest(sendAt?: Date): Promise<string> {
  const sent = await sendOperatorDigest(testApp.context, publication.id, { sendAt });
  if (sent.kind !== 'sending') throw new Error('Nobody is due');
  return sent.digestId;
}

const planOnly = async (digestId: string) => {
  await testApp.handlers['plan-digest']({ digestId });
  await testApp.context.db.run(sql`delete from outbox where name = 'plan-digest'`);
};

async function expectAllAccepted(): Promise<void> {
  const states = (await listDeliveries(testApp)).map(({ state, skipReason }) => skipReason ?? state);
  expect(states).toEqual(Array.from({ length: 7 }, () => 'accepted'));
  expect(testApp.smtp.messages).toHaveLength(7);
}

const pauses: [string, (digestId: string) => Promise<unknown>][] = [
  ['an operator', (id) => pauseDigestByOperator(testApp.context, id)],
  [
    'a mail server',
    (id) =>
      testApp.context.db.transaction((tx) =>
        pauseDigestByMailServer(tx, id, '554 5.7.1 No', testApp.context.now()),
      ),
  ],
];

test.each(pauses)(
  'a digest paused by %s for a week is sent to everybody when it is resumed',
  async (...row) => {
    const digestId = await orderDigest();
    await planOnly(digestId);
    await row[1](digestId);
    await advanceAndRunJobs(testApp, 7 * DAY_MS);
    expect(testApp.smtp.messages).toHaveLength(0);
    expect((await resumeDigest(testApp.context, digestId)).kind).toBe('done');
    await testApp.runDueJobs();
    await expectAllAccepted();
  },
);

test('mails that are deferred after a late resume are tried for three days from then', async () => {
  const digestId = await orderDigest();
  await planOnly(digestId);
  await pauseDigestByOperator(testApp.context, digestId);
  await advanceAndRunJobs(testApp, 7 * DAY_MS);
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.2.1 Later' : undefined));
  await resumeDigest(testApp.context, digestId);
  await testApp.runDueJobs();
  expect(new Set((await listDeliveries(testApp)).map(({ state }) => state))).toEqual(new Set(['deferred']));
  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, HOUR_MS);
  await expectAllAccepted();
});

test('an operator’s digest that is approved after a week is sent to everybody', async () => {
  const digestId = await orderDigest();
  const held = { holdReasons: ['no-postal-address' as const], readers: 7 };
  await testApp.context.db.transaction((tx) => holdApproved(tx, digestId, held, testApp.context.now()));
  await advanceAndRunJobs(testApp, 7 * DAY_MS);
  expect((await approveDigest(testApp.context, digestId)).kind).toBe('done');
  await testApp.runDueJobs();
  await expectAllAccepted();
});

test('a digest of a rhythm that is approved after a week is sent to everybody', async () => {
  await testApp.context.db.run(sql`update publications set approval = true`);
  await testApp.context.db.run(sql`update subscriptions set next_due_at = ${testApp.context.now()}`);
  await testApp.handlers['plan-due']({});
  const { id } = await testApp.context.db.one<{ id: string }>(
    sql`select id from digests where state = 'held'`,
  );
  await advanceAndRunJobs(testApp, 7 * DAY_MS);
  await approveDigest(testApp.context, id);
  await testApp.runDueJobs();
  await expectAllAccepted();
});

test('a scheduled digest whose workers were away at its hour is sent to everybody when they are back', async () => {
  await orderDigest(new Date(testApp.context.now().getTime() + HOUR_MS));
  await advanceAndRunJobs(testApp, 7 * DAY_MS);
  await expectAllAccepted();
});

test('what waits because only an operator can close a circuit is not given up, and goes out when that is done', async () => {
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '554 5.7.1 Blocked by our policy' : undefined));
  await testApp.handlers['plan-digest']({ digestId: await orderDigest() });
  await testApp.context.db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at)
    select id, 'example.com', 'bounces', '550 5.1.1 No such user', 100, 50, ${testApp.context.now()} from transports
  `);
  await testApp.runDueJobs();
  for (let days = 0; days < 5; days++) await advanceAndRunJobs(testApp, DAY_MS);
  expect(new Set((await listDeliveries(testApp)).map(({ state }) => state))).toEqual(new Set(['queued']));
  testApp.smtp.setScript(() => undefined);
  for (const { id } of await listCircuits(testApp.context.db)) await resumeTransport(testApp.context, id);
  await advanceAndRunJobs(testApp, 30 * SECOND_MS);
  await expectAllAccepted();
});

test('a reader who joins a digest late has three days from then', async () => {
  const digestId = await orderDigest();
  await testApp.context.db.run(
    sql`update digests set expires_at = ${testApp.context.now()}, state = 'sending'`,
  );
  testApp.advanceClock(DAY_MS);
  await testApp.handlers['plan-digest']({ digestId });
  await testApp.runDueJobs();
  await expectAllAccepted();
});

test('a sign-up that was held for six days and is released is mailed a link that works for three days', async () => {
  await testApp.context.db.run(sql`
    insert into sign_up_requests (id, publication_id, email, locale, topics, risk, reasons, outcome, created_at)
    values (gen_random_uuid(), ${publication.id}, 'new@example.com', 'en', '{}', 1, '{disposable}', 'held', ${testApp.context.now()})
  `);
  testApp.advanceClock(6 * DAY_MS);
  expect(await releaseHeldSignUps(testApp.context, { publicationId: publication.id })).toBe(1);
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to).flat()).toEqual(['new@example.com']);
});
