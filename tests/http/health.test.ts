import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeJobOutage } from '../../src/dashboard/job-outage.js';
import { createToken } from '../../src/operators/api-token.js';
import { sql } from '../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../src/platform/durations.js';
import { enqueue } from '../../src/platform/jobs/outbox.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { showWorker } from './show-worker.js';
import { startWebServer } from './start-web-server.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
  await showWorker(testApp);
});
afterAll(() => testApp.close());

test('/healthz says that the process is alive, /readyz that it can work', async () => {
  expect(await (await fetch(`${testApp.url}/healthz`)).json()).toEqual({ status: 'alive' });
  const ready = await fetch(`${testApp.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ready', database: true, queue: true, worker: true, mail: true },
  ]);
});

test('robots are kept away from what is not for them, and browsers find an icon', async () => {
  const robots = await fetch(`${testApp.url}/robots.txt`);
  expect(robots.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const rules = (await robots.text()).split('\n');
  expect(rules[0]).toBe('User-agent: *');
  for (const word of ['operator', 'manage', 'unsubscribe', 'confirm', 'api'])
    expect(rules).toContain(`Disallow: /${word}/`);
  expect(rules.filter((rule) => /lantern|embed|assets/.test(rule))).toEqual([]);
  const icon = await fetch(`${testApp.url}/favicon.ico`);
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/x-icon']);
  // Of an icon with one picture.
  expect(
    Buffer.from(await icon.arrayBuffer())
      .subarray(0, 6)
      .toString('hex'),
  ).toBe('000001000100');
  const below = await startWebServer(
    { ...testApp.context, publicUrl: 'https://site.example/news' },
    testApp.keys,
  );
  try {
    expect(await (await fetch(`${below.url}/robots.txt`)).text()).toContain('\nDisallow: /news/operator/\n');
  } finally {
    await below.close();
  }
});

test('/readyz says that the clock is wrong', async () => {
  const clock = { ...testApp.context.clock, isTrusted: () => false };
  const alone = await startWebServer({ ...testApp.context, clock }, testApp.keys);
  try {
    const ready = await fetch(`${alone.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not-ready', database: true, queue: true, worker: true, mail: true, clock: false },
    ]);
  } finally {
    await alone.close();
  }
});

test('/readyz names what is away: the queue, the mail server', async () => {
  const alone = await startWebServer(testApp.context, testApp.keys, async () => 'It is away.');
  testApp.smtp.setScript((stage) => (stage === 'connect' ? '421 4.3.2 Closed' : undefined));
  testApp.smtp.dropConnections();
  try {
    const ready = await fetch(`${alone.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not-ready', database: true, queue: false, worker: true, mail: false },
    ]);
  } finally {
    testApp.smtp.setScript(() => undefined);
    await alone.close();
  }
});

test('/readyz says in words what is wrong to who has a token, and to nobody else', async () => {
  const alone = await startWebServer(testApp.context, testApp.keys, async () => 'OOM command not allowed.');
  const { token } = await createToken(testApp.context, { name: 'monitor', scopes: ['read'] });
  const ask = async (authorization: string) =>
    await (await fetch(`${alone.url}/readyz`, { headers: { authorization } })).json();
  try {
    expect(await ask(`Bearer ${token}`)).toMatchObject({
      queue: false,
      details: ['The queue takes no jobs: OOM command not allowed.'],
    });
    expect(await ask(`Bearer ${token}x`)).not.toHaveProperty('details');
    expect(await ask('')).not.toHaveProperty('details');
  } finally {
    await alone.close();
  }
});

test('/readyz looks once, however many ask at once', async () => {
  let looks = 0;
  const alone = await startWebServer(testApp.context, testApp.keys, async () => void (looks += 1));
  const before = testApp.smtp.commands.length;
  try {
    await Promise.all(Array.from({ length: 50 }, () => fetch(`${alone.url}/readyz`)));
    expect(looks).toBe(1);
    expect(testApp.smtp.commands.length - before).toBeLessThan(5);
  } finally {
    await alone.close();
  }
});

test('a worker that has not been seen for a while is missing, and since when', async () => {
  const { context } = testApp;
  const since = context.now();
  const missing = () => describeJobOutage(context, (moment) => moment.toISOString());
  expect(await missing()).toBeUndefined();
  testApp.advanceClock(MINUTE_MS);
  expect(await missing()).toContain(`No worker has been seen since ${since.toISOString()}`);
  const alone = await startWebServer(context, testApp.keys);
  const ready = await fetch(`${alone.url}/readyz`);
  await alone.close();
  expect([ready.status, await ready.json()]).toMatchObject([503, { worker: false }]);
  await context.db.run(sql`delete from schedules`);
  expect(await missing()).toContain('No worker has run yet');
  await showWorker(testApp);
  expect(await missing()).toBeUndefined();
});

test('a queue that has taken no job for a minute is told at the doors that do not ask it, and since when', async () => {
  const { context } = testApp;
  await showWorker(testApp);
  const since = context.now();
  await context.db.transaction((tx) => enqueue(tx, 'heartbeat', {}, since));
  const told = () => describeJobOutage(context, (moment) => moment.toISOString());
  expect(await told()).toBeUndefined();
  testApp.advanceClock(MINUTE_MS + 1);
  await showWorker(testApp);
  expect(await told()).toContain(`The queue has taken no job since ${since.toISOString()}`);
  await context.db.run(sql`update outbox set publish_count = 1`);
  expect(await told()).toBeUndefined();
});
