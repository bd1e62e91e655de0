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

let house: TestApp;
let publication: Publication;

beforeAll(async () => {
  house = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(house);
  publication = await house.createPublication();
});
afterAll(() => house.close());

const request = (email = 'ada@example.com') =>
  recordTrustedRequest(house.context, {
    publicationId: publication.id,
    email,
    locale: null,
    timezone: null,
    cadence: null,
    topics: [],
    source: null,
  });
/** She signs up and the answer is decided; the mail itself is promised. */
const ask = async (email?: string) => {
  const { id } = await request(email);
  await house.handlers['answer-sign-ups']({ requestIds: [id] });
};
const press = (subscriptionId: string) =>
  confirmSubscription(house.context, { subscriptionId, generation: 1, publication, wording: 'Yes, please.' });

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
  house.context.db.many<Row>(
    sql`select id, kind, state, attempt, skip_reason, answer, due_at, subscription_id from notices order by id`,
  );
const only = async () => {
  const [notice, ...others] = await notices();
  expect(others).toEqual([]);
  if (notice === undefined) throw new Error('There is no notice');
  return notice;
};
const mails = () => Promise.all(house.smtp.messages.map(({ raw }) => PostalMime.parse(raw)));

/** Answers so the first time it is at this stage, and as usual from then on. */
function once(stage: SmtpStage, answer: string): void {
  let met = false;
  house.smtp.setScript((at) => {
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
      await addReader(house, publication, 'ada@example.com');
      await ask();
    },
  ],
  [
    'welcome',
    async () => {
      const reader = await addReader(house, publication, 'ada@example.com', { status: 'pending' });
      await press(reader.id);
    },
  ],
])('a %s', (kind, promise) => {
  test('is sent once, marked as a machine’s, and cannot be unsubscribed from with one click', async () => {
    await promise();
    await house.runDueJobs();
    await advanceAndRunJobs(house, DAY_MS);
    expect(await only()).toMatchObject({ kind, state: 'accepted', attempt: 1, dueAt: null });
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    const names = mail?.headers.map(({ key }) => key) ?? [];
    expect(mail?.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
    expect(names.filter((name) => name.startsWith('list-unsubscribe'))).toEqual([]);
    expect(mail?.from?.address).toBe('confirm@lantern.example');
    expect(mail?.messageId).toMatch(/^<[\w-]+@lantern\.example>$/);
    expect(house.smtp.messages[0]?.from).toBe('confirm@lantern.example');
  });

  test('that is delayed comes later, once', async () => {
    once('rcpt', '451 4.7.1 Greylisted');
    await promise();
    await house.runDueJobs();
    expect(await only()).toMatchObject({ state: 'deferred', answer: '451 4.7.1 Greylisted' });
    await advanceAndRunJobs(house, 44 * SECOND_MS);
    expect(house.smtp.messages).toEqual([]);
    await advanceAndRunJobs(house, 31 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2, dueAt: null });
    expect(house.smtp.messages).toHaveLength(1);
  });

  test('to an address that is not there is rejected, and never tried again', async () => {
    once('rcpt', '550 5.1.1 No such user');
    await promise();
    await house.runDueJobs();
    await advanceAndRunJobs(house, DAY_MS);
    expect(await only()).toMatchObject({ state: 'rejected', answer: '550 5.1.1 No such user', dueAt: null });
    expect(house.smtp.messages).toEqual([]);
  });

  test('whose connection broke before the dot comes later, once', async () => {
    once('data', 'hang-up');
    await promise();
    await house.runDueJobs();
    expect(await only()).toMatchObject({ state: 'queued', attempt: 1 });
    await advanceAndRunJobs(house, 20 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    expect(house.smtp.messages).toHaveLength(1);
  });

  test('in doubt is sent again after ten minutes with the same Message-ID', async () => {
    once('dot', 'hang-up-accepted');
    await promise();
    await house.runDueJobs();
    expect(await only()).toMatchObject({ state: 'uncertain' });
    await advanceAndRunJobs(house, 10 * MINUTE_MS - 1);
    expect(house.smtp.messages).toHaveLength(1);
    await advanceAndRunJobs(house, 1);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    const [first, second, ...others] = await mails();
    expect([second?.messageId, second?.date, others]).toEqual([first?.messageId, first?.date, []]);
  });

  test('of a dead worker is queued again without an intent', async () => {
    await promise();
    if (kind === 'welcome') await house.handlers['send-welcome']({ consentId: await consentId() });
    await die(null);
    await advanceAndRunJobs(house, 19 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'sending' });
    await advanceAndRunJobs(house, 2 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    expect(house.smtp.messages).toHaveLength(1);
  });

  test('of a dead worker is in doubt with an intent, and sent again after ten minutes', async () => {
    await promise();
    if (kind === 'welcome') await house.handlers['send-welcome']({ consentId: await consentId() });
    await die(house.context.now());
    await advanceAndRunJobs(house, 21 * SECOND_MS);
    expect(await only()).toMatchObject({ state: 'uncertain' });
    expect(house.smtp.messages).toEqual([]);
    await advanceAndRunJobs(house, 10 * MINUTE_MS);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    expect(house.smtp.messages).toHaveLength(1);
  });

  test('to a suppressed address is skipped', async () => {
    await promise();
    await house.context.db.run(sql`
      insert into suppressions (address_hash, reason, created_at)
      values (${house.context.hashAddress('ada@example.com')}, 'complained', ${house.context.now()})
    `);
    await house.runDueJobs();
    expect(await only()).toMatchObject({ state: 'skipped', skipReason: 'suppressed', dueAt: null });
    expect(house.smtp.messages).toEqual([]);
  });

  test('whose time is over is not sent any more', async () => {
    await promise();
    if (kind === 'welcome') await house.handlers['send-welcome']({ consentId: await consentId() });
    await advanceAndRunJobs(house, 4 * DAY_MS);
    expect(await only()).toMatchObject({ state: 'skipped', skipReason: 'expired', dueAt: null });
    expect(house.smtp.messages).toEqual([]);
  });

  test('that stays delayed is given up when its time is over', async () => {
    house.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.3.0 Not now' : undefined));
    await promise();
    await house.runDueJobs();
    for (let round = 0; round < 30 && (await only()).state === 'deferred'; round += 1)
      await advanceAndRunJobs(house, 5 * 60 * MINUTE_MS);
    expect((await only()).state).toMatch(/^(rejected|skipped)$/);
    expect(house.smtp.messages).toEqual([]);
    expect(await house.context.db.many(sql`select id from suppressions`)).toEqual([]);
  });

  test('is sent once by two workers at once', async () => {
    await promise();
    if (kind === 'welcome') await house.handlers['send-welcome']({ consentId: await consentId() });
    const { id } = await only();
    await Promise.all([1, 2, 3].map(() => sendNotice(house.workerContext, id)));
    expect(house.smtp.messages).toHaveLength(1);
  });
});

test('under "hold" a notice stays in doubt', async () => {
  const usual = house;
  house = await openTestApp({ uncertain: 'hold' });
  publication = await house.createPublication();
  once('dot', 'hang-up');
  await ask();
  await house.runDueJobs();
  await advanceAndRunJobs(house, DAY_MS);
  expect(await only()).toMatchObject({ state: 'uncertain', dueAt: null });
  expect(house.smtp.messages).toEqual([]);
  await house.close();
  house = usual;
});

test('one who confirmed meanwhile, by another link, is not asked again', async () => {
  await ask();
  await house.runDueJobs();
  house.advanceClock(2 * MINUTE_MS);
  await ask();
  const [first] = await notices();
  await press(first?.subscriptionId ?? '');
  await house.runDueJobs();
  expect(
    (await notices()).map(({ kind, state, ...row }) => `${kind} ${state} ${describeAnswer(row)}`),
  ).toEqual([
    'confirmation accepted 250 2.0.0 Ok: queued as TEST',
    'confirmation skipped confirmed meanwhile',
    'welcome accepted 250 2.0.0 Ok: queued as TEST',
  ]);
});

test.each<[string, (subscriptionId: string) => Promise<unknown>, string]>([
  ['unsubscribed', (id) => unsubscribe(house.context, id), 'unsubscribed'],
  ['said never again', (id) => blockAddress(house.context, id), 'suppressed'],
])('one who %s before her welcome was sent gets none', async (_what, leave, skipReason) => {
  const { id } = await addReader(house, publication, 'ada@example.com', { status: 'pending' });
  await press(id);
  await house.handlers['send-welcome']({ consentId: await consentId() });
  await leave(id);
  await house.runDueJobs();
  expect(await only()).toMatchObject({ kind: 'welcome', state: 'skipped', skipReason });
  expect(house.smtp.messages).toEqual([]);
});

test('a worker that comes back after its notice was taken over gets no dot out, and a late answer counts', async () => {
  const back = createLatch();
  let met = 0;
  house.smtp.setScript(async (stage) => {
    if (stage !== 'mail' || (met += 1) > 1) return undefined;
    await back.opened;
    return undefined;
  });
  await ask();
  const { id } = await only();
  const stale = sendNotice(house.workerContext, id);
  await waitUntil(() => met === 1);
  await advanceAndRunJobs(house, 21 * SECOND_MS);
  expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
  back.open();
  await stale;
  expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
  expect(house.smtp.messages).toHaveLength(1);
});

test('an answer that comes after the sweep gave the worker up still counts', async () => {
  const back = createLatch();
  house.smtp.setScript(async (stage) => {
    if (stage === 'dot') await back.opened;
    return undefined;
  });
  await ask();
  const { id } = await only();
  const slow = sendNotice(house.workerContext, id);
  await waitUntil(
    async () =>
      (await house.context.db.many(sql`select id from notices where intent_at is not null`)).length === 1,
  );
  house.advanceClock(21 * SECOND_MS);
  await house.handlers.sweep({});
  expect(await only()).toMatchObject({ state: 'uncertain' });
  back.open();
  await slow;
  await advanceAndRunJobs(house, 11 * MINUTE_MS);
  expect(await only()).toMatchObject({ state: 'accepted', attempt: 1, dueAt: null });
  expect(house.smtp.messages).toHaveLength(1);
});

async function consentId(): Promise<string> {
  return (await house.context.db.one<{ id: string }>(sql`select id from consents`)).id;
}

/** A worker claimed the only notice and was killed. */
async function die(intentAt: Date | null): Promise<void> {
  const lease = new Date(house.context.now().getTime() + 15 * SECOND_MS);
  await house.context.db.run(sql`
    update notices set state = 'sending', attempt = 1, leased_until = ${lease}, intent_at = ${intentAt}
  `);
}
