import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import type { LogDoubt } from '../../../src/deliveries/log-doubt.js';
import { countDeliveries } from '../../../src/deliveries/reads.js';
import {
  reconcileUncertain,
  resolveByMailLog,
  type ReconcilableTransport,
} from '../../../src/deliveries/reconcile/reconcile-uncertain.js';
import { listDigests } from '../../../src/digests/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { recordTrustedRequest } from '../../../src/subscribers/sign-up/record-requests.js';
import { registerTransports } from '../../../src/transports/register-transports.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { postfixLog, type LoggedMessage } from '../../support/postfix-log.js';
import {
  addArticles,
  addReaders,
  readerAddresses,
  resetTestApp,
  advanceAndRunJobs,
} from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';

let testApp: TestApp;
let publication: Publication;
let folder: string;
let file: string;
let transports: ReconcilableTransport[];

beforeAll(async () => {
  testApp = await openTestApp({ uncertain: 'hold' });
  folder = await mkdtemp(join(tmpdir(), 'paperround-reconcile-'));
  file = join(folder, 'mail.log');
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  const servers = await registerTransports(testApp.context.db, testApp.context.mailer.transports);
  const settings = { uncertainPolicy: 'reconcile' as const, mailLog: file };
  transports = servers.map(({ id, name, visit }) => ({ id, name, visit, settings }));
});
afterEach(async () => {
  for (const { id } of await listDigests(testApp.context.db, publication.id, 10)) {
    const { planned, ...each } = await countDeliveries(testApp.context.db, id);
    expect(Object.values(each).reduce((sum, count) => sum + count, 0)).toBe(planned);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await testApp.close();
});

const [kept, lost, waiting] = [
  'reader-1@example.com',
  'reader-2@example.com',
  'reader-3@example.com',
] as const;
const now = () => testApp.context.now().getTime();
const reconcile = () => reconcileUncertain(testApp.context, transports);
const states = async () => (await listDeliveries(testApp)).map(({ state }) => state);
/** Why the log did not decide, by reader. */
const doubts = async () => {
  const rows = await testApp.context.db.many<{ email: string; logDoubt: string }>(sql`
    select p.email, d.log_doubt
      from deliveries d
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
     where d.state = 'uncertain'
       and d.log_doubt is not null
  `);
  return Object.fromEntries(rows.map(({ email, logDoubt }) => [email, logDoubt]));
};
const digest = async () => {
  const [only] = await listDigests(testApp.context.db, publication.id, 1);
  if (only === undefined) throw new Error('There is no digest');
  return only;
};

/**
 * A digest is sent to six readers. For three no reply comes back: the server has the first one's mail, not the second one's,
 * and the third one's is not yet processed by its queue manager.
 */
async function sendWithoutReplies(): Promise<void> {
  await addReaders(testApp, publication, readerAddresses(6));
  const fates = new Map([
    [kept, 'hang-up-accepted'],
    [lost, 'hang-up'],
    [waiting, 'hang-up-accepted'],
  ] as [string, string][]);
  testApp.smtp.setScript((stage, address) => {
    const fate = stage === 'dot' ? fates.get(address) : undefined;
    if (fate !== undefined) fates.delete(address);
    return fate;
  });
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, MINUTE_MS);
  expect(await states()).toEqual([...Array(3).fill('uncertain'), ...Array(3).fill('accepted')]);
}

/** Who was mailed, and how often. */
function mailed(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { to } of testApp.smtp.messages) counts[to] = (counts[to] ?? 0) + 1;
  return counts;
}

type LogOptions = { from?: number; until?: number; without?: readonly string[]; isIdle?: boolean };

/** Writes a Postfix log of what the server has taken. With `isIdle` its queue manager has processed everything. */
async function writeLog(options: LogOptions = {}): Promise<void> {
  const { from = now() - HOUR_MS, until = now() + HOUR_MS, without = [], isIdle = false } = options;
  const messages: LoggedMessage[] = [];
  for (const { raw, to } of testApp.smtp.messages.filter((each) => !without.includes(each.to))) {
    const { messageId = '' } = await PostalMime.parse(raw);
    messages.push({ messageId, isActive: to !== waiting || isIdle });
  }
  const span = { at: new Date(now() - MINUTE_MS), from: new Date(from), until: new Date(until) };
  await writeFile(file, postfixLog(messages, span));
}

async function expectNoMore(run: () => Promise<unknown>): Promise<void> {
  const before = await dumpTables(testApp.context.db);
  await run();
  await Promise.all([run(), run()]);
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
}

describe('an uncertain digest mail', () => {
  beforeEach(sendWithoutReplies);

  test('is decided by the mail log: found is accepted, certainly not taken is sent again, the rest stays', async () => {
    await writeLog();
    testApp.advanceClock(2 * MINUTE_MS);
    await expectNoMore(reconcile);
    testApp.advanceClock(2 * MINUTE_MS);
    await Promise.all([reconcile(), reconcile()]);
    const [found, missing, unclear] = await listDeliveries(testApp);
    expect(found).toMatchObject({ state: 'accepted', attempt: 1 });
    expect(found?.answer).toMatch(/^Found in the mail log as 4jXb1d5yLkz\d\.$/);
    expect(missing).toMatchObject({ state: 'queued', attempt: 1, nextAttemptAt: null });
    expect(unclear).toMatchObject({ state: 'uncertain', attempt: 1 });
    await expectNoMore(reconcile);
    await testApp.runDueJobs();
    expect(await states()).toEqual(['accepted', 'accepted', 'uncertain', ...Array(3).fill('accepted')]);
    await writeLog({ isIdle: true });
    await reconcile();
    expect(new Set(await states())).toEqual(new Set(['accepted']));
    expect(Object.values(mailed())).toEqual(Array(6).fill(1));
    const rows = await testApp.context.db.many<{ resends: number; providerMessageId: string | null }>(
      sql`select resends, provider_message_id from deliveries where state = 'accepted'`,
    );
    expect(rows.map(({ resends }) => resends)).toEqual(Array(6).fill(0));
    expect(rows.every(({ providerMessageId }) => providerMessageId !== null)).toBe(true);
  });

  test('in a complete digest opens it again if it has to be sent, and not if it was found', async () => {
    const { db } = testApp.context;
    const [, missing] = await listDeliveries(testApp);
    await db.run(sql`update digests set state = 'closed'`);
    const setMissing = (state: string) =>
      db.run(sql`update deliveries set state = ${state} where subscription_id = ${missing?.subscriptionId}`);
    await setMissing('rejected');
    await writeLog();
    testApp.advanceClock(10 * MINUTE_MS);
    await reconcile();
    expect((await states()).slice(0, 3)).toEqual(['accepted', 'rejected', 'uncertain']);
    expect((await digest()).state).toBe('closed');
    await setMissing('uncertain');
    await reconcile();
    expect((await digest()).state).toBe('sending');
    await testApp.runDueJobs();
    expect(mailed()[lost]).toBe(1);
  });

  test.each<[string, LogDoubt, (at: number) => LogOptions]>([
    ['begins too late', 'begins-late', (at) => ({ from: at - 4 * MINUTE_MS })],
    ['ends before the server can have been done with it', 'ends-early', (at) => ({ until: at + 2 * MINUTE_MS })],
    ['does not hold a mail that was certainly taken', 'incomplete', () => ({ without: ['reader-5@example.com'] })],
    ['holds no mail of ours', 'incomplete', () => ({ without: readerAddresses(6) })],
  ])('is not sent again because of a log that %s, and the reason is shown: %s', async (_, doubt, optionsAt) => {
    const options = optionsAt(now());
    await writeLog(options);
    testApp.advanceClock(12 * MINUTE_MS);
    await reconcile();
    const found = options.without?.includes(kept) === true ? 'uncertain' : 'accepted';
    expect((await states()).slice(0, 3)).toEqual([found, 'uncertain', 'uncertain']);
    expect((await doubts())[lost]).toBe(doubt);
    await expectNoMore(reconcile);
  });

  test('stays uncertain without a log, with another policy, and while a worker has its batch', async () => {
    await writeLog();
    testApp.advanceClock(12 * MINUTE_MS);
    await rm(file);
    await reconcile();
    expect(await doubts()).toEqual({ [kept]: 'unreadable', [lost]: 'unreadable', [waiting]: 'unreadable' });
    await expectNoMore(reconcile);
    await writeLog();
    for (const uncertainPolicy of ['hold', 'resend'] as const) {
      const others = transports.map((one) => ({ ...one, settings: { ...one.settings, uncertainPolicy } }));
      await expectNoMore(() => reconcileUncertain(testApp.context, others));
    }
    const { db } = testApp.context;
    await db.run(
      sql`update batches set lease_token = gen_random_uuid(), leased_until = ${new Date(now() + MINUTE_MS)}`,
    );
    await expectNoMore(reconcile);
    await db.run(sql`update batches set lease_token = null, leased_until = null`);
    await reconcile();
    expect((await states()).slice(0, 3)).toEqual(['accepted', 'queued', 'uncertain']);
  });

  test('is looked up every minute in its first hour, every hour in its first week, and then no more', async () => {
    await writeLog({ from: now() - HOUR_MS, until: now() + HOUR_MS });
    await testApp.context.db.run(sql`update digests set expires_at = ${new Date(now() + 30 * 24 * HOUR_MS)}`);
    const isDecided = async () => (await states())[0] === 'accepted';
    testApp.advanceClock(8 * 24 * HOUR_MS - (now() % HOUR_MS));
    await reconcile();
    expect(await isDecided()).toBe(false);
    testApp.advanceClock(-3 * 24 * HOUR_MS + MINUTE_MS);
    await reconcile();
    expect(await isDecided()).toBe(false);
    testApp.advanceClock(-MINUTE_MS);
    await reconcile();
    expect(await isDecided()).toBe(true);
  });

  test.each([
    ['cancelled', sql`update digests set state = 'cancelled'`, 'cancelled'],
    ['too old', sql`update digests set expires_at = created_at + interval '1 minute'`, 'expired'],
  ])('is not sent again when it is %s', async (_, change, reason) => {
    await testApp.context.db.run(change);
    await writeLog();
    testApp.advanceClock(HOUR_MS - (now() % HOUR_MS));
    await reconcile();
    const [found, missing] = await listDeliveries(testApp);
    expect(found?.state).toBe('accepted');
    expect(missing).toMatchObject({ state: 'skipped', skipReason: reason });
    await expectNoMore(reconcile);
  });

  test('is sent again when a log that an operator names shows that it was not taken, however late', async () => {
    const { id } = await digest();
    await writeLog();
    testApp.advanceClock(30 * 24 * HOUR_MS);
    expect(await resolveByMailLog(testApp.context, id, file)).toMatchObject({ accepted: 1, queued: 1 });
    await testApp.runDueJobs();
    expect((await states()).slice(0, 2)).toEqual(['accepted', 'accepted']);
  });

  test('is decided by a log that an operator names, whatever the policy, and the rest is reported', async () => {
    const { id } = await digest();
    await writeLog();
    testApp.advanceClock(2 * MINUTE_MS);
    const resolve = () => resolveByMailLog(testApp.context, id, file);
    expect(await resolve()).toMatchObject({ kind: 'done', accepted: 1, queued: 1, doubts: { begun: 1 } });
    await expectNoMore(resolve);
    expect(await resolve()).toMatchObject({ kind: 'done', accepted: 0, queued: 0, doubts: { begun: 1 } });
    expect(await resolveByMailLog(testApp.context, id, `${file}-none`)).toMatchObject({ kind: 'unreadable' });
    expect(await resolveByMailLog(testApp.context, publication.id, file)).toEqual({ kind: 'unknown' });
    await testApp.context.db.run(sql`update digests set state = 'held'`);
    expect(await resolve()).toEqual({ kind: 'refused', state: 'held' });
  });
});

describe('an uncertain confirmation', () => {
  const ask = async (email: string) => {
    const choices = { locale: null, timezone: null, cadence: null, topics: [], source: null };
    const { id } = await recordTrustedRequest(testApp.context, {
      publicationId: publication.id,
      email,
      ...choices,
    });
    await testApp.handlers['answer-sign-ups']({ requestIds: [id] });
    await testApp.runDueJobs();
  };
  const notices = () =>
    testApp.context.db.many<{ state: string; answer: string | null; attempt: number }>(
      sql`select state, answer, attempt from notices order by id`,
    );

  beforeEach(async () => {
    await ask('witness@example.com');
    testApp.smtp.setScript((stage, address) => {
      if (stage !== 'dot') return undefined;
      return address === kept ? 'hang-up-accepted' : 'hang-up';
    });
    await ask(kept);
    await ask(lost);
    testApp.smtp.setScript(() => undefined);
    expect((await notices()).map(({ state }) => state)).toEqual(['accepted', 'uncertain', 'uncertain']);
    await writeLog();
    testApp.advanceClock(12 * MINUTE_MS);
  });

  test('is found, or sent again', async () => {
    await Promise.all([reconcile(), reconcile()]);
    expect(await notices()).toMatchObject([
      { state: 'accepted' },
      { state: 'accepted', answer: expect.stringMatching(/^Found in the mail log as /) },
      { state: 'queued' },
    ]);
    await testApp.runDueJobs();
    expect(await notices()).toMatchObject([{}, { attempt: 1 }, { state: 'accepted', attempt: 2 }]);
    expect(mailed()).toEqual({ 'witness@example.com': 1, [kept]: 1, [lost]: 1 });
    await expectNoMore(reconcile);
  });

  test('is only found where another server has no log, and stays uncertain where no log shows that it was kept', async () => {
    const other: ReconcilableTransport = {
      id: 9,
      name: 'other:25',
      visit: async () => {},
      settings: { uncertainPolicy: 'hold', mailLog: undefined },
    };
    transports = [...transports, other];
    await reconcile();
    expect((await notices()).map(({ state }) => state)).toEqual(['accepted', 'accepted', 'uncertain']);
    transports = transports.slice(0, 1);
    await testApp.context.db.run(sql`update notices set provider_message_id = null`);
    await expectNoMore(reconcile);
  });
});
