import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { resumeDigest } from '../../../src/deliveries/control/resume-digest.js';
import { MINUTE_MS, DAY_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import { resetTestApp } from '../../support/fixtures.js';
import { startFeedServer, type FeedServer } from '../../support/feed-server.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let receiver: FeedServer;

beforeAll(async () => {
  testApp = await openTestApp();
  receiver = await startFeedServer();
});
afterAll(async () => {
  await receiver.close();
  await testApp.close();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  receiver.requests.length = 0;
  testApp.context.config.alertUrl = `${receiver.origin}/alerts`;
  testApp.context.config.heartbeatUrl = undefined;
});

/** A digest that a mail server's replies paused. */
async function pausedDigest(): Promise<string> {
  const { db, now } = testApp.context;
  const { id: publicationId } = await testApp.createPublication();
  const { id } = await db.one<{ id: string }>(sql`
    insert into digests (publication_id, cadence, period, state, paused_by, reason, expires_at, key_id, created_at)
    values (${publicationId}, 'daily', '2026-11-22', 'paused', 'mail-server', '554 Blocked: ada@example.com',
            ${new Date(now().getTime() + 3 * DAY_MS)}, 'k', ${now()})
    returning id
  `);
  return id;
}

const postJobs = () =>
  testApp.context.db.many<{ payload: { alertId: string } }>(
    sql`select payload from outbox where name = 'post-alert'`,
  );

test('an alert is posted without any operator, signed, and says what the mail would', async () => {
  receiver.setResponse('/alerts', { status: 204 });
  const digestId = await pausedDigest();
  await testApp.handlers['alert-operators']({});
  await testApp.handlers['alert-operators']({});
  await testApp.runDueJobs();
  const [post, ...others] = receiver.requests;
  expect(others).toEqual([]);
  const { headers, body = '' } = post ?? {};
  const key = Buffer.from(testApp.context.alertSigner.secret.slice('whsec_'.length), 'base64');
  const signed = `${String(headers?.['webhook-id'])}.${String(headers?.['webhook-timestamp'])}.${body}`;
  expect(headers?.['webhook-signature']).toBe(
    `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  );
  expect(headers?.['content-type']).toBe('application/json');
  expect(JSON.parse(body)).toMatchObject({
    type: 'alert.opened',
    data: {
      kind: 'paused-digest',
      publication: 'lantern',
      url: `${testApp.url}/operator/digests/${digestId}`,
      commands: [expect.stringContaining(`digest resume ${digestId}`), expect.anything()],
    },
  });
  expect(body).not.toContain('ada@example.com');
});

test.each([
  ['an error', { status: 500 }],
  ['a redirect', { status: 307, headers: { location: '/elsewhere' } }],
])('%s is no answer: the job fails and is tried again', async (_, response) => {
  receiver.setResponse('/alerts', response);
  receiver.setResponse('/elsewhere', { status: 200 });
  await pausedDigest();
  await testApp.handlers['alert-operators']({});
  const [job] = await postJobs();
  const alertId = job?.payload.alertId ?? '';
  await expect(testApp.handlers['post-alert']({ alertId })).rejects.toThrow(
    'ALERT_URL did not take an alert',
  );
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/alerts']);
  receiver.setResponse('/alerts', { status: 200 });
  await testApp.handlers['post-alert']({ alertId });
  expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual(Array(2).fill(alertId));
});

test('nothing is posted when it is over, a day later, or without an address', async () => {
  receiver.setResponse('/alerts', { status: 200 });
  const digestId = await pausedDigest();
  await testApp.handlers['alert-operators']({});
  const [job] = await postJobs();
  const alertId = job?.payload.alertId ?? '';
  testApp.context.config.alertUrl = undefined;
  await testApp.handlers['post-alert']({ alertId });
  testApp.context.config.alertUrl = `${receiver.origin}/alerts`;
  testApp.advanceClock(DAY_MS);
  await testApp.handlers['post-alert']({ alertId });
  testApp.advanceClock(-DAY_MS);
  await resumeDigest(testApp.context, digestId);
  await testApp.handlers['post-alert']({ alertId });
  expect(receiver.requests).toEqual([]);
});

test('the heartbeat is called while a mail server takes connections, and not otherwise', async () => {
  receiver.setResponse('/beat', { status: 200 });
  await testApp.handlers.heartbeat({});
  expect(receiver.requests).toEqual([]);
  testApp.context.config.heartbeatUrl = `${receiver.origin}/beat`;
  await testApp.handlers.heartbeat({});
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/beat']);
  testApp.smtp.dropConnections();
  testApp.smtp.setScript((stage) => (stage === 'connect' ? '554 No' : undefined));
  testApp.advanceClock(MINUTE_MS);
  await testApp.handlers.heartbeat({});
  expect(receiver.requests).toHaveLength(1);
});
