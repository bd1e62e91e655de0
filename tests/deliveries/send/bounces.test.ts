import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { resumeTransport } from '../../../src/deliveries/control/resume-transport.js';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import { listSuppressed } from '../../../src/subscribers/suppression/reads.js';
import { parseAddress } from '../../../src/subscribers/address.js';
import { listDeliveries } from '../../support/deliveries.js';
import { addArticles, addReaders, advanceAndRunJobs, resetTestApp } from '../../support/fixtures.js';
import {
  lastMail,
  linkIn,
  post,
  readMails,
  requestConfirmLink,
  signUp,
  subscriptionOf,
} from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const GONE = '550 5.1.1 <nobody>: Recipient address rejected: User unknown';

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

function refuse(email: string, reply: string): void {
  testApp.smtp.setScript((stage, address) => (stage === 'rcpt' && address === email ? reply : undefined));
}

async function publish(title: string): Promise<void> {
  await addArticles(testApp, publication, title);
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, 0);
}

async function isSuppressedHere(email: string): Promise<boolean> {
  const parsed = parseAddress(email);
  if (parsed.kind === 'malformed') throw new Error('malformed');
  const { db, hashAddress } = testApp.context;
  return (await listSuppressed(db, publication.id, [hashAddress(parsed.address.key)])).size > 0;
}

const mailsTo = async (email: string) => (await readMails(testApp)).filter(({ to }) => to === email);

test('an address that its server does not know gets no second digest, and the others do', async () => {
  await addReaders(testApp, publication, ['gone@example.com', 'ada@example.com']);
  refuse('gone@example.com', GONE);
  await publish('Harbour');
  expect(await isSuppressedHere('gone@example.com')).toBe(true);
  await publish('Storm');
  expect((await mailsTo('ada@example.com')).length).toBe(2);
  const attempts = testApp.smtp.commands.filter((line) => line.includes('RCPT TO:<gone@example.com>'));
  expect(attempts).toHaveLength(1);
  expect((await listDeliveries(testApp)).map(({ state }) => state).toSorted()).toEqual([
    'accepted',
    'accepted',
    'rejected',
    'skipped',
  ]);
});

test.each([
  ['a rule of the mailbox', '550 5.7.133 Sender not authenticated for group'],
  ['our rate', '550 5.1.1 Too many recipients this hour'],
  ['our reputation', '550 5.1.1 Message refused: listed at zen.spamhaus.org'],
  ['a full mailbox', '552 5.2.2 Mailbox full'],
])('nobody is suppressed for %s', async (_, reply) => {
  await addReaders(testApp, publication, ['ada@example.com']);
  refuse('ada@example.com', reply);
  await publish('Harbour');
  expect(await isSuppressedHere('ada@example.com')).toBe(false);
});

test('while a domain is in a storm of bounces, none of its readers is suppressed', async () => {
  const { db, now } = testApp.context;
  await addReaders(testApp, publication, ['gone@example.com', 'gone@elsewhere.example']);
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? GONE : undefined));
  const [server] = await testApp.workerContext.router.listServers();
  await db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at, closed_at)
    values (${server?.id}, 'example.com', 'bounces', 'unknown', 100, 50, ${now()}, null, ${new Date(now().getTime() + 1000)})
  `);
  await publish('Harbour');
  expect(await isSuppressedHere('gone@example.com')).toBe(false);
  expect(await isSuppressedHere('gone@elsewhere.example')).toBe(true);
});

test('what the first bounces of a storm suppressed is lifted when the storm is found, and those readers get the next digest', async () => {
  const { context, smtp } = testApp;
  const gone = Array.from({ length: 4 }, (_, at) => `gone-${at}@school.example`);
  const others = Array.from({ length: 120 }, (_, at) => `reader-${at}@school.example`);
  await addReaders(testApp, publication, [...gone, ...others, 'gone@elsewhere.example']);
  smtp.setScript((stage, address) => (stage === 'rcpt' && address.startsWith('gone') ? GONE : undefined));
  await publish('Harbour');
  for (const email of gone) expect(await isSuppressedHere(email)).toBe(true);
  smtp.setScript((stage) => (stage === 'rcpt' ? GONE : undefined));
  await publish('Storm');
  for (const email of [...gone, ...others]) expect(await isSuppressedHere(email)).toBe(false);
  expect(await isSuppressedHere('gone@elsewhere.example')).toBe(true);
  const [circuit, ...more] = await listCircuits(context.db);
  expect([circuit?.kind, circuit?.domain, more]).toEqual(['bounces', 'school.example', []]);
  const changes = await context.db.many<{ addressHash: Buffer }>(
    sql`select address_hash from suppression_changes where change = 'lifted' and changed_by = 'bounce-storm'`,
  );
  expect(changes.length).toBeGreaterThanOrEqual(gone.length);
  smtp.setScript(() => undefined);
  await resumeTransport(context, circuit?.id ?? '');
  await publish('Tide');
  await advanceAndRunJobs(testApp, MINUTE_MS);
  expect((await mailsTo('gone-0@school.example')).map(({ subject }) => subject)).toEqual([
    expect.stringContaining('Tide'),
  ]);
});

test('who bounced and signs up again gets one mail that repairs, at most one in thirty days', async () => {
  await addReaders(testApp, publication, ['ada@example.com']);
  refuse('ada@example.com', GONE);
  await publish('Harbour');
  testApp.smtp.setScript(() => undefined);
  for (let times = 0; times < 3; times += 1) {
    await signUp(testApp, 'ada@example.com');
    await testApp.runDueJobs();
    await advanceAndRunJobs(testApp, 2 * DAY_MS);
  }
  expect(await mailsTo('ada@example.com')).toHaveLength(1);
  await advanceAndRunJobs(testApp, 30 * DAY_MS);
  await signUp(testApp, 'ada@example.com');
  await testApp.runDueJobs();
  expect(await mailsTo('ada@example.com')).toHaveLength(2);
  await post(linkIn(await lastMail(testApp, 'ada@example.com'), 'manage'));
  expect(await isSuppressedHere('ada@example.com')).toBe(false);
});

test('a mailbox that did not exist yet may confirm a month later, and is mailed then', async () => {
  refuse('new@example.com', GONE);
  await signUp(testApp, 'new@example.com');
  await testApp.runDueJobs();
  expect(await isSuppressedHere('new@example.com')).toBe(true);
  testApp.smtp.setScript(() => undefined);
  await signUp(testApp, 'new@example.com');
  await testApp.runDueJobs();
  expect(await mailsTo('new@example.com')).toEqual([]);
  await advanceAndRunJobs(testApp, 31 * DAY_MS);
  await post(await requestConfirmLink(testApp, 'new@example.com'), {});
  expect((await subscriptionOf(testApp, 'new@example.com')).status).toBe('confirmed');
  await publish('Harbour');
  expect((await mailsTo('new@example.com')).at(-1)?.subject).toContain('Harbour');
});
