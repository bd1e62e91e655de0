import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { SIMULATED_BOUNCE } from '../../../src/events/providers/ses.js';
import {
  CERTIFICATE_PATH,
  sesBounce,
  snsMessage,
  startAmazon,
  TOPIC,
  type Amazon,
} from '../../support/amazon.js';
import { resetTestApp } from '../../support/fixtures.js';
import { addOperator, enterDashboard, readDashboardPage } from '../../support/operator-session.js';
import { open, post } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let amazon: Amazon;
let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  amazon = await startAmazon();
  testApp = await openTestApp({
    fetchPage: amazon.fetchPage,
    smtpParameters: { provider: 'ses', rewrites: 'true' },
  });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  cookie = await enterDashboard(testApp);
});
afterAll(async () => {
  await testApp.close();
  await amazon.close();
});

const PAGE = '/operator/health/hooks';
const words = () => readDashboardPage(testApp, '/health/hooks', cookie);
const press = (path: string, form: Record<string, string>) =>
  post(testApp.url + PAGE + path, form, { cookie });
const send = async (message: object) =>
  (await fetch(`${testApp.url}/hooks/ses`, { method: 'POST', body: JSON.stringify(message) })).status;

async function addTopic(): Promise<string> {
  expect((await press('', { provider: 'ses', proof: TOPIC })).headers.get('location')).toBe(
    `${PAGE}?done=added`,
  );
  const { id } = await testApp.context.db.one<{ id: string }>(sql`select id from provider_hooks`);
  return id;
}

test('a topic waits for Amazon, is confirmed, and the page says when the last event came', async () => {
  expect(await words()).toContain('No provider tells anything yet.');
  await addTopic();
  expect(await words()).toContain('Waiting for Amazon');
  expect(await send(snsMessage('SubscriptionConfirmation'))).toBe(200);
  expect(await words()).toContain('Confirmed, no event yet');
  expect(
    await send(
      snsMessage('Notification', { Message: sesBounce({ messageId: '1', recipient: 'a@example.com' }) }),
    ),
  ).toBe(200);
  testApp.advanceClock(2 * MINUTE_MS);
  expect(await words()).toContain('Confirmed, last event 2 min ago');
});

test('a secret is shown once, in the address and alone, and what comes with it is taken', async () => {
  const html = await (await press('', { provider: 'postmark' })).text();
  const secret = /[0-9a-f]{64}/.exec(html)?.[0] ?? '';
  expect(html).toContain(`paperround:${secret}@`);
  expect(await words()).not.toContain(secret);
  const headers = { authorization: `Bearer ${secret}` };
  const answer = await fetch(`${testApp.url}/hooks/postmark`, {
    method: 'POST',
    headers,
    body: '{"RecordType":"Open"}',
  });
  expect(answer.status).toBe(200);
  expect(await words()).toContain('Works, last event just now');
});

test('what is pasted wrongly is said under its field, and nothing is set up', async () => {
  const answer = await press('', { provider: 'sendgrid', proof: 'MFkw' });
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain('That is no verification key of SendGrid: copy all of it.');
  expect(await words()).toContain('No provider tells anything yet.');
});

test('the page says why a request was refused, and that nothing was changed', async () => {
  await addTopic();
  const SigningCertURL = `https://certs.example${CERTIFICATE_PATH}`;
  expect(await send(snsMessage('Notification', { Message: '{}', SigningCertURL }))).toBe(403);
  expect(await words()).toMatch(
    /A request was refused .*: its certificate is none of Amazon’s for this topic. Nothing was changed\./,
  );
});

test('health tells of a topic that ended, and of what could not be read', async () => {
  await addTopic();
  expect(await readDashboardPage(testApp, '/health', cookie)).toContain('Well: What Amazon SES tells');
  await send(snsMessage('Notification', { Message: '{"notificationType":"Bounce"}' }));
  await send(snsMessage('UnsubscribeConfirmation'));
  const said = await readDashboardPage(testApp, '/health', cookie);
  expect(said).toContain('Trouble: What Amazon SES tells');
  expect(said).toContain('1 event of the last 30 days could not be read.');
  expect(said).toContain('The topic sends nothing more.');
});

test('only administrators see or change it: mail servers are of the whole server', async () => {
  const id = await addTopic();
  const owner = await addOperator(testApp, 'owner@lantern.example', 'owner');
  cookie = await enterDashboard(testApp, owner.id);
  expect((await open(testApp.url + PAGE, { cookie })).status).toBe(403);
  for (const [path, form] of [
    ['', { provider: 'brevo' }],
    [`/${id}/remove`, {}],
    [`/${id}/secret`, {}],
    [`/${id}/test`, { publication: publication.slug }],
  ] as const)
    expect((await press(path, form)).status).toBe(403);
  expect(await testApp.context.db.many(sql`select provider from provider_hooks`)).toEqual([
    { provider: 'ses' },
  ]);
});

test('a hook that is removed is refused from then on, and a secret can be replaced', async () => {
  const id = await addTopic();
  expect((await press(`/${id}/secret`, {})).status).toBe(404);
  expect((await press(`/${id}/remove`, {})).status).toBe(303);
  expect((await press(`/${id}/remove`, {})).status).toBe(404);
  expect(await send(snsMessage('SubscriptionConfirmation'))).toBe(403);
});

describe('a test bounce', () => {
  const order = async () => {
    const id = await addTopic();
    const ordered = await press(`/${id}/test`, { publication: publication.slug });
    expect(ordered.headers.get('location')).toBe(`${PAGE}?done=tested`);
    return id;
  };

  test('goes to Amazon’s simulator when the operator presses, and the page tells when it was heard', async () => {
    await order();
    expect(testApp.smtp.messages).toEqual([]);
    await testApp.runDueJobs();
    expect(testApp.smtp.messages).toMatchObject([{ to: SIMULATED_BOUNCE, from: publication.fromAddress }]);
    expect(await words()).toContain('Amazon took the test just now, and has not told of its bounce yet.');
    const bounce = sesBounce({ messageId: 'of-the-test', recipient: SIMULATED_BOUNCE });
    expect(await send(snsMessage('Notification', { Message: bounce }))).toBe(200);
    expect(await words()).toContain('The test bounced and was heard of just now: bounces come in.');
    expect(await testApp.context.db.many(sql`select id from events`)).toEqual([]);
  });

  test('that Amazon refuses because nobody has verified the sender is named so', async () => {
    testApp.smtp.setScript((stage) =>
      stage === 'dot'
        ? '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: news@lantern.example'
        : undefined,
    );
    await order();
    await testApp.runDueJobs();
    const said = await words();
    expect(said).toContain(
      'Amazon refused the test: the sender’s address or domain is not verified in this region.',
    );
    expect(said).toContain('sandbox');
    expect(said).not.toContain('news@lantern.example');
  });

  test('is not sent without end: ten within an hour', async () => {
    const id = await order();
    for (let times = 0; times < 9; times++) await press(`/${id}/test`, { publication: publication.slug });
    const last = await press(`/${id}/test`, { publication: publication.slug });
    expect(last.headers.get('location')).toBe(`${PAGE}?done=too-many-tests`);
    testApp.advanceClock(HOUR_MS + 1);
    cookie = await enterDashboard(testApp);
    expect((await press(`/${id}/test`, { publication: publication.slug })).headers.get('location')).toBe(
      `${PAGE}?done=tested`,
    );
  });
});
