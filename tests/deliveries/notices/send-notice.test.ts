import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import type { DeliveryState } from '../../../src/deliveries/delivery.js';
import type { NoticeKind } from '../../../src/deliveries/notices/notice.js';
import { sendNotice } from '../../../src/deliveries/notices/send-notice.js';
import { describeAnswer, type SkipReason } from '../../../src/deliveries/skip-reason.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { confirmSubscription } from '../../../src/subscribers/confirm/confirm.js';
import { blockAddress } from '../../../src/subscribers/suppression/block-address.js';
import { recordTrustedRequest } from '../../../src/subscribers/sign-up/record-requests.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addReader, resetTestApp, advanceAndRunJobs } from '../../support/fixtures.js';
import type { SmtpStage } from '../../support/smtp-server.js';
import { createLatch } from '../../workers/test-worker.js';
import { waitUntil } from '../../support/wait-until.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

const request = (email = 'ada@example.com') =>
  recordTrustedRequest(testApp.context, {
    publicationId: publication.id,
    email,
    locale: null,
    timezone: null,
    cadence: null,
    topics: [],
    source: null,
  });
/** She signs up and the request is decided; the mail itself is enqueued. */
const ask = async (email?: string) => {
  const { id } = await request(email);
  await testApp.handlers['answer-sign-ups']({ requestIds: [id] });
};
const press = (subscriptionId: string) =>
  confirmSubscription(testApp.context, {
    subscriptionId,
    generation: 1,
    publication,
    wording: 'Yes, please.',
  });

type Row = {
  id: string;
  kind: NoticeKind;
  state: DeliveryState;
  attempt: number;
  skipReason: SkipReason | null;
  answer: string | null;
  dueAt: Date | null;
  subscriptionId: string;
};
const notices = () =>
  testApp.context.db.many<Row>(
    sql`select id, kind, state, attempt, skip_reason, answer, due_at, subscription_id from notices order by id`,
  );
const only = async () => {
  const [notice, ...others] = await notices();
  expect(others).toEqual([]);
  if (notice === undefined) throw new Error('There is no notice');
  return notice;
};
const mails = () => Promise.all(testApp.smtp.messages.map(({ raw }) => PostalMime.parse(raw)));

/** The mail server replies so the first time at this stage, and as usual from then on. */
function once(stage: SmtpStage, answer: string): void {
  let met = false;
  testApp.smtp.setScript((at) => {
    if (at !== stage || met) return undefined;
    met = true;
    return answer;
  });
}

describe.each<[NoticeKind, () => Promise<unknown>]>([
  ['confirmation', () => ask()],
  [
    'already-subscribed',
    async () => {
      await addReader(testApp, publication, 'ada@example.com');
      await ask();
    },
  ],
  [
    'welcome',
    async () => {
      const reader = await addReader(testApp, publication, 'ada@example.com', { status: 'pending' });
      await press(reader.id);
    },
  ],
])('a %s', (kind, enqueueNotice) => {
  test('is sent once, marked as automatic, and without one-click unsubscribe', async () => {
    await enqueueNotice();
    await testApp.runDueJobs();
    await advanceAndRunJobs(testApp, DAY_MS);
    expect(await only()).toMatchObject({ kind, state: 'accepted', attempt: 1, dueAt: null });
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    const names = mail?.headers.map(({ key }) => key) ?? [];
    expect(mail?.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
    expect(names.filter((name) => name.startsWith('list-unsubscribe'))).toEqual([]);
    expect(mail?.from?.address).toBe('confirm@lantern.example');
    expect(mail?.messageId).toMatch(/^<[\w-]+@lantern\.example>$/);
    expect(testApp.smtp.messages[0]?.from).toBe('confirm@lantern.example');
  });

  test('that is deferred is sent later, once', async () => {
    once('rcpt', '451 4.7.1 Greylisted');
    await enqueueNotice();
    await testApp.runDueJobs();
    expect(await only()).toMatchObject({ state: 'deferred', answer: '451 4.7.1 Greylisted' });
    await advanceAndRunJobs(testApp, 44 * SECOND_MS);
    expect(testApp.smtp.messages).toEqual([]);
    await advanceAndRunJobs(testApp, 31 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2, dueAt: null });
    expect(testApp.smtp.messages).toHaveLength(1);
  });

  test('to an address that is not there is rejected, and never tried again', async () => {
    once('rcpt', '550 5.1.1 No such user');
    await enqueueNotice();
    await testApp.runDueJobs();
    await advanceAndRunJobs(testApp, DAY_MS);
    expect(await only()).toMatchObject({ state: 'rejected', answer: '550 5.1.1 No such user', dueAt: null });
    expect(testApp.smtp.messages).toEqual([]);
  });

  test('whose connection broke before the dot is sent later, once', async () => {
    once('data', 'hang-up');
    await enqueueNotice();
    await testApp.runDueJobs();
    expect(await only()).toMatchObject({ state: 'queued', attempt: 1 });
    await advanceAndRunJobs(testApp, 20 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    expect(testApp.smtp.messages).toHaveLength(1);
  });

  test('that is uncertain is sent again after ten minutes with the same Message-ID', async () => {
    once('dot', 'hang-up-accepted');
    await enqueueNotice();
    await testApp.runDueJobs();
    expect(await only()).toMatchObject({ state: 'uncertain' });
    await advanceAndRunJobs(testApp, 10 * MINUTE_MS - 1);
    expect(testApp.smtp.messages).toHaveLength(1);
    await advanceAndRunJobs(testApp, 1);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    const [first, second, ...others] = await mails();
    expect([second?.messageId, second?.date, others]).toEqual([first?.messageId, first?.date, []]);
  });

  test('of a dead worker is queued again without an intent', async () => {
    await enqueueNotice();
    if (kind === 'welcome') await testApp.handlers['send-welcome']({ consentId: await consentId() });
    await die(null);
    await advanceAndRunJobs(testApp, 19 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'sending' });
    await advanceAndRunJobs(testApp, 2 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    expect(testApp.smtp.messages).toHaveLength(1);
  });

  test('of a dead worker is uncertain with an intent, and sent again after ten minutes', async () => {
    await enqueueNotice();
    if (kind === 'welcome') await testApp.handlers['send-welcome']({ consentId: await consentId() });
    await die(testApp.context.now());
    await advanceAndRunJobs(testApp, 21 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'uncertain' });
    expect(testApp.smtp.messages).toEqual([]);
    await advanceAndRunJobs(testApp, 10 * MINUTE_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    expect(testApp.smtp.messages).toHaveLength(1);
  });

  test('to a suppressed address is skipped', async () => {
    await enqueueNotice();
    await testApp.context.db.run(sql`
      insert into suppressions (address_hash, reason, created_at)
      values (${testApp.context.hashAddress('ada@example.com')}, 'complained', ${testApp.context.now()})
    `);
    await testApp.runDueJobs();
    expect(await only()).toMatchObject({ state: 'skipped', skipReason: 'suppressed', dueAt: null });
    expect(testApp.smtp.messages).toEqual([]);
  });

  test('that has expired is not sent', async () => {
    await enqueueNotice();
    if (kind === 'welcome') await testApp.handlers['send-welcome']({ consentId: await consentId() });
    await advanceAndRunJobs(testApp, 4 * DAY_MS);
    expect(await only()).toMatchObject({ state: 'skipped', skipReason: 'expired', dueAt: null });
    expect(testApp.smtp.messages).toEqual([]);
  });

  test('that stays deferred is skipped when it expires', async () => {
    testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.3.0 Not now' : undefined));
    await enqueueNotice();
    await testApp.runDueJobs();
    for (let round = 0; round < 30 && (await only()).state === 'deferred'; round += 1)
      await advanceAndRunJobs(testApp, 5 * 60 * MINUTE_MS);
    expect((await only()).state).toMatch(/^(rejected|skipped)$/);
    expect(testApp.smtp.messages).toEqual([]);
    expect(await testApp.context.db.many(sql`select id from suppressions`)).toEqual([]);
  });

  test('is sent once by two workers at once', async () => {
    await enqueueNotice();
    if (kind === 'welcome') await testApp.handlers['send-welcome']({ consentId: await consentId() });
    const { id } = await only();
    await Promise.all([1, 2, 3].map(() => sendNotice(testApp.workerContext, id)));
    expect(testApp.smtp.messages).toHaveLength(1);
  });
});

test('under "hold" a notice stays uncertain', async () => {
  const usual = testApp;
  testApp = await openTestApp({ uncertain: 'hold' });
  publication = await testApp.createPublication();
  once('dot', 'hang-up');
  await ask();
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, DAY_MS);
  expect(await only()).toMatchObject({ state: 'uncertain', dueAt: null });
  expect(testApp.smtp.messages).toEqual([]);
  await testApp.close();
  testApp = usual;
});

test('a reader who confirmed meanwhile, by another link, is not asked again', async () => {
  await ask();
  await testApp.runDueJobs();
  testApp.advanceClock(2 * MINUTE_MS);
  await ask();
  const [first] = await notices();
  await press(first?.subscriptionId ?? '');
  await testApp.runDueJobs();
  expect(
    (await notices()).map(({ kind, state, ...row }) => `${kind} ${state} ${describeAnswer(row)}`),
  ).toEqual([
    'confirmation accepted 250 2.0.0 Ok: queued as TEST',
    'confirmation skipped confirmed meanwhile',
    'welcome accepted 250 2.0.0 Ok: queued as TEST',
  ]);
});

test.each<[string, (subscriptionId: string) => Promise<unknown>, string]>([
  ['unsubscribed', (id) => unsubscribe(testApp.context, id), 'unsubscribed'],
  ['said never again', (id) => blockAddress(testApp.context, id), 'suppressed'],
])('one who %s before her welcome was sent gets none', async (_what, leave, skipReason) => {
  const { id } = await addReader(testApp, publication, 'ada@example.com', { status: 'pending' });
  await press(id);
  await testApp.handlers['send-welcome']({ consentId: await consentId() });
  await leave(id);
  await testApp.runDueJobs();
  expect(await only()).toMatchObject({ kind: 'welcome', state: 'skipped', skipReason });
  expect(testApp.smtp.messages).toEqual([]);
});

test('a worker that comes back after its notice was taken over sends no dot, and a late reply counts', async () => {
  const back = createLatch();
  let met = 0;
  testApp.smtp.setScript(async (stage) => {
    if (stage !== 'mail' || (met += 1) > 1) return undefined;
    await back.opened;
    return undefined;
  });
  await ask();
  const { id } = await only();
  const stale = sendNotice(testApp.workerContext, id);
  await waitUntil(() => met === 1);
  await advanceAndRunJobs(testApp, 21 * SECOND_MS);
  expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
  back.open();
  await stale;
  expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
  expect(testApp.smtp.messages).toHaveLength(1);
});

test('a reply that comes after the sweep took the notice over still counts', async () => {
  const back = createLatch();
  testApp.smtp.setScript(async (stage) => {
    if (stage === 'dot') await back.opened;
    return undefined;
  });
  await ask();
  const { id } = await only();
  const slow = sendNotice(testApp.workerContext, id);
  await waitUntil(
    async () =>
      (await testApp.context.db.many(sql`select id from notices where intent_at is not null`)).length === 1,
  );
  testApp.advanceClock(21 * SECOND_MS);
  await testApp.handlers.sweep({});
  expect(await only()).toMatchObject({ state: 'uncertain' });
  back.open();
  await slow;
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  expect(await only()).toMatchObject({ state: 'accepted', attempt: 1, dueAt: null });
  expect(testApp.smtp.messages).toHaveLength(1);
});

async function consentId(): Promise<string> {
  return (await testApp.context.db.one<{ id: string }>(sql`select id from consents`)).id;
}

/** A worker claimed the only notice and was killed. */
async function die(intentAt: Date | null): Promise<void> {
  const lease = new Date(testApp.context.now().getTime() + 15 * SECOND_MS);
  await testApp.context.db.run(sql`
    update notices set state = 'sending', attempt = 1, leased_until = ${lease}, intent_at = ${intentAt}
  `);
}
