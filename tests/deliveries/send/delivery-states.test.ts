import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { deliveryStates, type DeliveryCounts } from '../../../src/deliveries/delivery.js';
import { countDeliveries } from '../../../src/deliveries/reads.js';
import { sendBatch } from '../../../src/deliveries/send/send-batch.js';
import { listDigests } from '../../../src/digests/reads.js';
import { describeAnswer } from '../../../src/deliveries/skip-reason.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { blockAddress } from '../../../src/subscribers/suppression/block-address.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import type { Subscription } from '../../../src/subscribers/subscription.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReader,
  addReaders,
  readerAddresses,
  resetTestApp,
  advanceAndRunJobs,
} from '../../support/fixtures.js';
import type { SmtpReply, SmtpStage } from '../../support/smtp-server.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';

let testApp: TestApp;
let publication: Publication;
/** The ledger at each command that the mail server received. */
let samples: DeliveryCounts[];

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  samples = [];
});
afterEach(() => {
  // Whatever a test does, the ledger added up at every step.
  for (const counts of samples) expectBalance(counts);
});
afterAll(() => testApp.close());

type Answers = (stage: SmtpStage, to: string, nth: number) => SmtpReply | Promise<SmtpReply>;

/** The mail server replies by this script; `nth` counts how often it was at this stage with this reader, from 1. */
function scriptReplies(answers: Answers): void {
  const met = new Map<string, number>();
  testApp.smtp.setScript(async (stage, address) => {
    const key = `${stage} ${address}`;
    met.set(key, (met.get(key) ?? 0) + 1);
    await sampleCounts();
    return answers(stage, address, met.get(key) ?? 1);
  });
}
const firstTime =
  (wanted: SmtpStage, answer: string): Answers =>
  (stage, _, nth) =>
    stage === wanted && nth === 1 ? answer : undefined;

async function sampleCounts(): Promise<void> {
  for (const { id } of await listDigests(testApp.context.db, publication.id, 10))
    samples.push(await countDeliveries(testApp.context.db, id));
}

function expectBalance(counts: DeliveryCounts): void {
  expect(deliveryStates.reduce((sum, state) => sum + counts[state], 0)).toBe(counts.planned);
}

/** An article is released, planned and sent. */
const publish = async () => {
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  await sampleCounts();
};
const sentLater = async (milliseconds: number) => {
  await advanceAndRunJobs(testApp, milliseconds);
  await sampleCounts();
};
const states = async () => (await listDeliveries(testApp)).map(({ state }) => state);
const only = async () => {
  const [delivery, ...others] = await listDeliveries(testApp);
  expect(others).toEqual([]);
  if (delivery === undefined) throw new Error('There is no delivery');
  return delivery;
};
const digestState = async () => (await listDigests(testApp.context.db, publication.id, 1))[0]?.state;
const messageIds = () =>
  Promise.all(testApp.smtp.messages.map(async ({ raw }) => (await PostalMime.parse(raw)).messageId));

test('a digest is accepted, counted, and closed when all is final', async () => {
  await addReaders(testApp, publication, readerAddresses(25));
  scriptReplies(() => undefined);
  await publish();
  expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(25).sort());
  const last = samples.at(-1);
  expect(last).toMatchObject({ planned: 25, accepted: 25 });
  expect(new Set(samples.map(({ planned }) => planned))).toEqual(new Set([25]));
  expect(samples.some(({ sending }) => sending > 0)).toBe(true);
  const { answer, attempt } = (await listDeliveries(testApp))[0] ?? {};
  expect({ answer, attempt }).toEqual({ answer: '250 2.0.0 Ok: queued as TEST', attempt: 1 });
  const [kept] = await testApp.context.db.many(sql`select provider_message_id, address_hash from deliveries`);
  expect(kept).toEqual({ providerMessageId: 'TEST', addressHash: expect.any(Buffer) });
  await sentLater(0);
  expect(await digestState()).toBe('closed');
  await sentLater(DAY_MS);
  expect(testApp.smtp.messages).toHaveLength(25);
});

describe('delayed', () => {
  test.each(['mail', 'rcpt', 'data', 'dot'] as const)(
    'a 451 at %s is tried again later, and sent once',
    async (stage) => {
      await addReader(testApp, publication, 'ada@example.com');
      scriptReplies(firstTime(stage, '451 4.3.0 Try again later'));
      await publish();
      const { state, answer, attempt, nextAttemptAt } = await only();
      expect({ state, answer, attempt }).toEqual({
        state: 'deferred',
        answer: '451 4.3.0 Try again later',
        attempt: 1,
      });
      const wait = (nextAttemptAt?.getTime() ?? 0) - testApp.context.now().getTime();
      expect(wait).toBeGreaterThanOrEqual(45 * SECOND_MS);
      expect(wait).toBeLessThanOrEqual(75 * SECOND_MS);
      await sentLater(44 * SECOND_MS);
      expect(await states()).toEqual(['deferred']);
      expect(await digestState()).toBe('sending');
      await sentLater(31 * SECOND_MS);
      expect(await only()).toMatchObject({ state: 'accepted', attempt: 2, nextAttemptAt: null });
      expect(testApp.smtp.messages).toHaveLength(1);
      await sentLater(0);
      expect(await digestState()).toBe('closed');
    },
  );

  test('is tried later and later, up to four hours apart, and rejected with the server’s words when the digest is old', async () => {
    await addReader(testApp, publication, 'ada@example.com');
    scriptReplies((stage) => (stage === 'rcpt' ? '452 4.2.2 Mailbox full' : undefined));
    await publish();
    const born = testApp.context.now().getTime();
    const waits: number[] = [];
    for (let next = (await only()).nextAttemptAt; next !== null; next = (await only()).nextAttemptAt) {
      waits.push((next.getTime() - testApp.context.now().getTime()) / MINUTE_MS);
      await sentLater(next.getTime() - testApp.context.now().getTime());
    }
    [1, 4, 16, 64, 240, 240].forEach((minutes, at) => {
      expect(waits[at]).toBeGreaterThanOrEqual(minutes * 0.75);
      expect(waits[at]).toBeLessThanOrEqual(minutes * 1.25);
    });
    expect(Math.max(...waits)).toBeLessThanOrEqual(300);
    expect(await only()).toMatchObject({ state: 'rejected', answer: '452 4.2.2 Mailbox full' });
    expect(testApp.context.now().getTime() - born).toBeGreaterThan(3 * DAY_MS - 5 * HOUR_MS);
    expect(testApp.context.now().getTime() - born).toBeLessThan(3 * DAY_MS);
    await sentLater(0);
    expect(await digestState()).toBe('closed');
  });

  test.each(['mail', 'rcpt', 'data', 'dot'] as const)(
    'a 554 5.7.1 at %s is the sender’s fault: tried again, and not counted as the reader’s bounce',
    async (stage) => {
      await addReader(testApp, publication, 'ada@example.com');
      let blocked = true;
      scriptReplies((at) => (at === stage && blocked ? '554 5.7.1 Your server is blocked' : undefined));
      await publish();
      expect(await only()).toMatchObject({ state: 'queued', answer: '554 5.7.1 Your server is blocked' });
      blocked = false;
      await sentLater(11 * MINUTE_MS);
      expect(await states()).toEqual(['queued']);
      await sentLater(8 * MINUTE_MS);
      expect(await states()).toEqual(['accepted']);
      expect(testApp.smtp.messages).toHaveLength(1);
    },
  );

  test('a sender’s fault that lasts is given up as skipped, not as her bounce', async () => {
    await addReader(testApp, publication, 'ada@example.com');
    scriptReplies((stage) => (stage === 'dot' ? '554 5.7.1 Blocked by Spamhaus' : undefined));
    await publish();
    for (let round = 0; round < 30 && (await states())[0] === 'queued'; round += 1)
      await sentLater(5 * HOUR_MS);
    expect(await only()).toMatchObject({
      state: 'skipped',
      skipReason: 'expired',
      answer: '554 5.7.1 Blocked by Spamhaus',
    });
    expect(await testApp.context.db.many(sql`select id from suppressions`)).toEqual([]);
  });
});

test('an address the server does not know is rejected, and never tried again', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  await addReader(testApp, publication, 'gone@example.com');
  scriptReplies((stage, to) =>
    stage === 'rcpt' && to.startsWith('gone') ? '550 5.1.1 No such user' : undefined,
  );
  await publish();
  await sentLater(DAY_MS);
  expect((await listDeliveries(testApp)).map(({ email, state, attempt }) => [email, state, attempt])).toEqual(
    [
      ['ada@example.com', 'accepted', 1],
      ['gone@example.com', 'rejected', 1],
    ],
  );
  await sentLater(0);
  expect(await digestState()).toBe('closed');
});

describe('a connection lost before the dot', () => {
  test.each(['connect', 'mail', 'rcpt', 'data'] as const)(
    'at %s leaves the mail queued, and it is sent once',
    async (stage) => {
      await addReader(testApp, publication, 'ada@example.com');
      let broken = true;
      scriptReplies((at) => (at === stage && broken ? 'hang-up' : undefined));
      await publish();
      expect(await only()).toMatchObject({ state: 'queued', attempt: 1, nextAttemptAt: null });
      broken = false;
      await sentLater(9 * SECOND_MS);
      expect(await states()).toEqual(['queued']);
      await sentLater(11 * SECOND_MS);
      expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
      expect(testApp.smtp.messages).toHaveLength(1);
    },
  );

  test('that is lost again and again for some readers does not delay the others', async () => {
    const readers = await addReaders(testApp, publication, readerAddresses(40));
    const broken = readers
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, 12)
      .map(({ email }) => email);
    let cutting = true;
    scriptReplies((stage, to) =>
      stage === 'data' && cutting && broken.includes(to) ? 'hang-up' : undefined,
    );
    await publish();
    for (let round = 0; round < 5; round += 1) await sentLater(20 * SECOND_MS);
    const fine = readerAddresses(40).filter((email) => !broken.includes(email));
    expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(fine.sort());
    expect(samples.at(-1)).toMatchObject({ accepted: 28, queued: 12 });
    cutting = false;
    for (let round = 0; round < 3; round += 1) await sentLater(20 * SECOND_MS);
    expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(40).sort());
  });
});

test('a connection lost while the body is being sent may leave the mail uncertain, and it is sent once', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  scriptReplies((stage, _, nth) => (stage === 'body' && nth === 1 ? 'hang-up' : undefined));
  await publish();
  expect((await only()).state).toMatch(/^(queued|uncertain)$/);
  await sentLater(11 * MINUTE_MS);
  expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
  expect(testApp.smtp.messages).toHaveLength(1);
});

describe('a connection lost after the dot leaves the mail uncertain', () => {
  test.each([
    ['hang-up', 0],
    ['hang-up-accepted', 1],
    ['999 what?', 0],
  ])('(%s), and the mail is sent again after ten minutes with the same Message-ID', async (answer, taken) => {
    await addReader(testApp, publication, 'ada@example.com');
    scriptReplies(firstTime('dot', answer));
    await publish();
    expect(await only()).toMatchObject({ state: 'uncertain', attempt: 1, updatedAt: testApp.context.now() });
    expect(testApp.smtp.messages).toHaveLength(taken);
    await sentLater(10 * MINUTE_MS - 1);
    expect(await states()).toEqual(['uncertain']);
    expect(await digestState()).toBe('sending');
    await sentLater(1);
    expect(await only()).toMatchObject({ state: 'accepted', attempt: 2 });
    const ids = await messageIds();
    expect(ids).toHaveLength(taken + 1);
    expect(new Set(ids).size).toBe(1);
    await sentLater(DAY_MS);
    expect(testApp.smtp.messages).toHaveLength(taken + 1);
  });

  test('and under "hold" it stays uncertain until an operator decides', async () => {
    const usual = testApp;
    testApp = await openTestApp({ uncertain: 'hold' });
    publication = await testApp.createPublication();
    await addReader(testApp, publication, 'ada@example.com');
    await addReader(testApp, publication, 'bea@example.com');
    scriptReplies((stage, to) => (stage === 'dot' && to.startsWith('ada') ? 'hang-up-accepted' : undefined));
    await publish();
    for (let day = 0; day < 4; day += 1) await sentLater(DAY_MS);
    expect(await states()).toEqual(['uncertain', 'accepted']);
    expect(testApp.smtp.messages).toHaveLength(2);
    await testApp.close();
    testApp = usual;
  });
});

describe('a reader who does not want it any more', () => {
  const leaveWith = (leave: (reader: Subscription) => Promise<unknown>) => async () => {
    const ada = await addReader(testApp, publication, 'ada@example.com');
    await addReader(testApp, publication, 'bea@example.com');
    await addArticles(testApp, publication, 'Harbour');
    await testApp.handlers['plan-instant']({ publicationId: publication.id });
    await leave(ada);
    await testApp.runDueJobs();
    return (await listDeliveries(testApp)).map(
      ({ email, state, ...row }) => `${email} ${state} ${describeAnswer(row)}`,
    );
  };

  test.each<[string, (reader: Subscription) => Promise<unknown>, string]>([
    ['unsubscribed', ({ id }) => unsubscribe(testApp.context, id), 'skipped unsubscribed'],
    ['said never again', ({ id }) => blockAddress(testApp.context, id), 'skipped unsubscribed'],
    [
      'paused',
      ({ id }) => testApp.context.db.run(sql`update subscriptions set status = 'paused' where id = ${id}`),
      'skipped paused',
    ],
    ['was suppressed here', (reader) => suppress(reader, publication.id), 'skipped suppressed'],
    ['was suppressed everywhere', (reader) => suppress(reader, null), 'skipped suppressed'],
  ])('and %s between planning and sending is skipped', async (_what, leave, expected) => {
    expect(await leaveWith(leave)()).toEqual([
      `ada@example.com ${expected}`,
      'bea@example.com accepted 250 2.0.0 Ok: queued as TEST',
    ]);
    expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['bea@example.com']);
  });

  test('but was suppressed by another newsletter still gets this one', async () => {
    const other = await testApp.createPublication({ slug: 'tide' });
    const answers = await leaveWith((reader) => suppress(reader, other.id))();
    expect(answers[0]).toBe('ada@example.com accepted 250 2.0.0 Ok: queued as TEST');
  });

  test('and leaves while slow mail servers keep her waiting is skipped a second later', async () => {
    const readers = await addReaders(testApp, publication, readerAddresses(30));
    const last = readers.toSorted((one, other) => (one.id < other.id ? -1 : 1)).at(-1);
    if (last === undefined) throw new Error('There are readers');
    scriptReplies(async (stage, _, nth) => {
      if (stage !== 'rcpt' || nth > 1 || testApp.smtp.messages.length > 0) return undefined;
      await unsubscribe(testApp.context, last.id);
      testApp.advanceClock(SECOND_MS);
      return undefined;
    });
    await publish();
    const others = readers.map(({ email }) => email).filter((email) => email !== last.email);
    expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(others.sort());
    const hers = (await listDeliveries(testApp)).find(({ email }) => email === last.email);
    expect(hers).toMatchObject({ state: 'skipped', skipReason: 'unsubscribed' });
    await sentLater(0);
    expect(await digestState()).toBe('closed');
  });

  test('a digest that was stopped sends nothing more a second later, and goes on when it may', async () => {
    await addReaders(testApp, publication, readerAddresses(30));
    const setState = (state: string) => testApp.context.db.run(sql`update digests set state = ${state}`);
    let stopped = false;
    scriptReplies(async (stage) => {
      if (stage !== 'rcpt' || stopped) return undefined;
      stopped = true;
      await setState('paused');
      testApp.advanceClock(SECOND_MS);
      return undefined;
    });
    await publish();
    await sentLater(MINUTE_MS);
    const before = testApp.smtp.messages.length;
    // Those that were being sent, and none more.
    expect(before).toBeLessThanOrEqual(8);
    expect(samples.at(-1)).toMatchObject({ planned: 30, accepted: before, queued: 30 - before });
    await setState('sending');
    await sentLater(MINUTE_MS);
    expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(30).sort());
  });
});

test('two workers on one batch send it once', async () => {
  await addReaders(testApp, publication, readerAddresses(25));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  const [{ digestId, batch } = { digestId: '', batch: 0 }] = await listDeliveries(testApp);
  scriptReplies(() => undefined);
  const key = { digestId, number: batch };
  await Promise.all([1, 2, 3].map(() => sendBatch(testApp.workerContext, key)));
  await sendBatch(testApp.workerContext, key);
  expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(25).sort());
});

test('a worker asked to stop finishes what is being sent and leaves the rest queued', async () => {
  await addReaders(testApp, publication, readerAddresses(25));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  const [{ digestId, batch } = { digestId: '', batch: 0 }] = await listDeliveries(testApp);
  const stopping = new AbortController();
  scriptReplies((stage) => {
    if (stage === 'dot') stopping.abort();
    return undefined;
  });
  const key = { digestId, number: batch };
  await sendBatch({ ...testApp.workerContext, stopping: stopping.signal }, key);
  const sent = testApp.smtp.messages.length;
  // Four connections, each with one message under way and one announced.
  expect(sent).toBeLessThanOrEqual(8);
  expect(await countDeliveries(testApp.context.db, digestId)).toMatchObject({
    accepted: sent,
    queued: 25 - sent,
    sending: 0,
    uncertain: 0,
  });
  await sendBatch({ ...testApp.workerContext, stopping: stopping.signal }, key);
  expect(testApp.smtp.messages).toHaveLength(sent);
  await sentLater(0);
  expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(25).sort());
});

async function suppress({ emailKey }: Subscription, publicationId: string | null): Promise<void> {
  const { db, hashAddress, now } = testApp.context;
  await db.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    values (${hashAddress(emailKey)}, ${publicationId}, 'operator', ${now()})
  `);
}
