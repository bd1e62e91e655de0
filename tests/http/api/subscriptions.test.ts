import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader, readerAddresses, addReaders } from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import {
  requestConfirmLink,
  createConfirmedReader,
  lastMail,
  linkIn,
  readMails,
  open,
  post,
  signUp,
} from '../../support/reader-actions.js';
import { openTestApi, listAllPages, type Api, type Call, type Json } from './client.js';

let testApp: TestApp;
let publication: Publication;
let api: Api;
let call: Call;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ topics: ['Harbour', 'Town'] });
  await testApp.createPublication({ slug: 'tide', name: 'Tide' });
  api = await openTestApi(testApp);
  call = await api.program('read', 'write', 'send');
});

afterAll(() => testApp.close());

async function found(email: string, slug = 'lantern'): Promise<Json[]> {
  const query = new URLSearchParams({ publication: slug, email });
  return (await call('GET', `/subscriptions?${query.toString()}`)).body['data'] as Json[];
}

async function idOfReader(email: string): Promise<string> {
  return String((await found(email))[0]?.['id']);
}

test('signing an address up sends a confirmation and never subscribes it; her choices wait for her click', async () => {
  const wish = { cadence: 'weekly', timezone: 'Europe/Berlin', topics: ['Town', 'Elsewhere'], locale: 'en' };
  const source = 'https://lantern.example/form';
  const asked = await call('POST', '/subscriptions', {
    publication: 'lantern',
    email: ' Nia@Example.com ',
    source,
    ...wish,
  });
  expect([asked.status, asked.body]).toEqual([202, { status: 'check-inbox' }]);
  await testApp.runDueJobs();
  const mail = await lastMail(testApp, 'Nia@example.com');
  expect(mail.subject).toBe('Confirm your subscription to The Lantern');
  expect(await found('nia@EXAMPLE.com')).toMatchObject([
    { status: 'pending', confirmedAt: null, nextDueAt: null },
  ]);
  for (const extra of [{ status: 'confirmed' }, { confirmedAt: '2026-01-01T00:00:00Z' }, { confirm: true }]) {
    const tried = await call('POST', '/subscriptions', {
      publication: 'lantern',
      email: 'nia@example.com',
      ...extra,
    });
    expect(tried.status).toBe(422);
  }
  expect(await post(linkIn(mail, 'confirm'))).toMatchObject({ status: 303 });
  expect(await found('nia@example.com')).toMatchObject([
    {
      status: 'confirmed',
      email: 'Nia@example.com',
      cadence: 'weekly',
      timezone: 'Europe/Berlin',
      topics: ['Town'],
    },
  ]);
  await testApp.runDueJobs();
});

test('one subscription comes with the stored proof of what she agreed to', async () => {
  await createConfirmedReader(testApp, 'proof@example.com', {
    source: 'https://lantern.example/form',
    cadence: 'monthly',
  });
  const { body } = await call('GET', `/subscriptions/${await idOfReader('proof@example.com')}`);
  expect(body['consents']).toEqual([
    {
      kind: 'confirmed',
      wording: expect.stringContaining('Yes, send new articles from The Lantern'),
      wordingVersion: expect.stringMatching(/^[0-9a-f]{16}$/),
      source: 'https://lantern.example/form',
      takenBackAt: null,
      requestedAt: expect.any(String),
      createdAt: expect.any(String),
      requestIp: null,
      requestAgent: null,
      confirmIp: null,
      confirmAgent: null,
    },
  ]);
});

test('signing up a reader, or a blocked address, looks the same to the program', async () => {
  const before = (await found('nia@example.com'))[0];
  const again = await call('POST', '/subscriptions', {
    publication: 'lantern',
    email: 'nia@example.com',
    cadence: 'instant',
  });
  expect([again.status, again.body]).toEqual([202, { status: 'check-inbox' }]);
  await testApp.runDueJobs();
  expect((await found('nia@example.com'))[0]).toEqual(before);
  for (const email of [
    'nobody',
    '@example.com',
    'a b@example.com',
    'nia@localhost',
    `${'n'.repeat(65)}@example.com`,
  ])
    expect((await call('POST', '/subscriptions', { publication: 'lantern', email })).status).toBe(422);
});

test('a change moves her next digest, keeps what it does not name, and asks for values that make sense', async () => {
  const { id } = await addReader(testApp, publication, 'uma@example.com', {
    cadence: 'daily',
    hour: 7,
    timezone: 'Africa/Nairobi',
  });
  const path = `/subscriptions/${id}`;
  // It is Sunday 22 November 2026, 12:00 in Nairobi and 09:00 UTC.
  const dues: [Json, string | null][] = [
    [{ hour: 13 }, '2026-11-22T10:00:00.000Z'],
    [{ timezone: 'Asia/Kathmandu' }, '2026-11-23T07:15:00.000Z'],
    [{ cadence: 'weekly', weekday: 3 }, '2026-11-25T07:15:00.000Z'],
    [{ cadence: 'monthly', dayOfMonth: 31, hour: 0, timezone: 'UTC' }, '2026-11-30T00:00:00.000Z'],
    [{ cadence: 'instant' }, null],
    [{ cadence: 'daily' }, '2026-11-23T00:00:00.000Z'],
  ];
  for (const [change, nextDueAt] of dues) {
    const changed = await call('PATCH', path, change);
    expect(changed.body).toMatchObject({
      ...change,
      nextDueAt,
      status: 'confirmed',
      email: 'uma@example.com',
    });
  }
  expect((await call('PATCH', path, { topics: ['Harbour'] })).body).toMatchObject({
    topics: ['Harbour'],
    hour: 0,
    timezone: 'UTC',
  });
  const before = (await call('GET', path)).body;
  const wrong = [
    { hour: 24 },
    { weekday: 0 },
    { dayOfMonth: 32 },
    { timezone: '+03:00' },
    { cadence: 'yearly' },
    { status: 'paused' },
    { email: 'other@example.com' },
    { hour: '7' },
  ];
  for (const change of wrong)
    expect([change, (await call('PATCH', path, change)).status]).toEqual([change, 422]);
  expect((await call('GET', path)).body).toEqual(before);
});

test('a change to who has not confirmed makes her due nothing', async () => {
  await requestConfirmLink(testApp, 'quiet@example.com');
  const changed = await call('PATCH', `/subscriptions/${await idOfReader('quiet@example.com')}`, {
    cadence: 'daily',
  });
  expect(changed.body).toMatchObject({ status: 'pending', nextDueAt: null });
});

test('ending a subscription works at once, a second time changes nothing, and the proof is kept', async () => {
  const { id } = await addReader(testApp, publication, 'vera@example.com');
  const path = `/subscriptions/${id}/unsubscription`;
  const ended = await call('POST', path);
  expect(ended.body).toMatchObject({
    status: 'unsubscribed',
    nextDueAt: null,
    unsubscribedAt: testApp.context.now().toISOString(),
  });
  expect((await call('POST', path)).body).toEqual(ended.body);
  const proofs = await testApp.context.db.many(sql`select kind from consents where subscription_id = ${id}`);
  expect(proofs).toEqual([{ kind: 'unsubscribed' }]);
  const mails = testApp.smtp.messages.length;
  await addArticles(testApp, publication, 'After she left');
  await testApp.runDueJobs();
  expect((await readMails(testApp)).slice(mails).map(({ to }) => to)).not.toContain('vera@example.com');
});

test('a list by status is newest first, and has readers of this publication only', async () => {
  const tide = await testApp.createPublication({ slug: 'walk', name: 'Walk' });
  await addReaders(
    testApp,
    tide,
    readerAddresses(7).map((email) => `walk-${email}`),
  );
  await addReader(testApp, tide, 'walk-gone@example.com', { status: 'unsubscribed' });
  for (const limit of [1, 3, 7, 8, 50]) {
    const confirmed = await listAllPages(call, '/subscriptions?publication=walk&status=confirmed', limit);
    expect(new Set(confirmed.map(({ email }) => email)).size).toBe(7);
    const all = await listAllPages(call, '/subscriptions?publication=walk', limit);
    const ids = all.map(({ id }) => String(id));
    expect([ids.length, ids]).toEqual([8, ids.toSorted().toReversed()]);
    expect(all.every((each) => each['publication'] === tide.id)).toBe(true);
  }
  expect(await found('uma@example.com', 'walk')).toEqual([]);
});

test('an address is found in all publications where none is named, and a + in a query is explained', async () => {
  const email = 'zuri+tides@example.com';
  for (const slug of ['lantern', 'tide']) await call('POST', '/subscriptions', { publication: slug, email });
  await testApp.runDueJobs();
  const all = await call('GET', `/subscriptions?email=${encodeURIComponent(email)}`);
  const data = all.body['data'] as Json[];
  expect(new Set(data.map((one) => one['publication'])).size).toBe(2);
  expect(data.map((one) => one['email'])).toEqual([email, email]);
  expect((await call('GET', '/subscriptions?email=nobody@example.com')).body['data']).toEqual([]);
  const plus = await call('GET', `/subscriptions?publication=lantern&email=${email}`);
  expect([plus.status, plus.body['detail']]).toEqual([400, expect.stringContaining('a + is written %2B')]);
  const pending = await listAllPages(call, '/subscriptions?status=pending', 2);
  expect(new Set(pending.map((one) => one['publication'])).size).toBeGreaterThan(1);
});

test('an erased reader is in no table, her old links still answer, and only she can subscribe again', async () => {
  const email = 'zadie.o-hara@example.com';
  const { subscription, unsubscribeLink } = await createConfirmedReader(testApp, email);
  testApp.smtp.setScript((stage, address) =>
    stage === 'rcpt' && address === email
      ? `250 2.1.5 <${email}> is fine`
      : stage === 'dot'
        ? `250 Queued for ${email}`
        : undefined,
  );
  await addArticles(testApp, publication, 'For Zadie');
  await testApp.runDueJobs();
  testApp.smtp.setScript(() => undefined);
  // Requests beyond the cap belong to no subscription; one is not answered yet.
  for (let time = 0; time < 6; time += 1) await signUp(testApp, email);
  await post(`${testApp.url}/lantern/subscriptions`, { email: 'Zadie.O-Hara@example.com' });
  const path = `/subscriptions/${subscription.id}`;
  await call('POST', `${path}/unsubscription`, undefined, { 'idempotency-key': 'end-zadie' });
  const everything = async () => JSON.stringify(await dumpTables(testApp.context.db, [])).toLowerCase();
  expect(await everything()).toContain(email);

  expect((await call('DELETE', path)).status).toBe(204);
  expect(await everything()).not.toContain(email);
  expect(await everything()).not.toContain('zadie.o-hara');
  await testApp.runDueJobs();
  expect(await everything()).not.toContain(email);

  for (const method of ['GET', 'DELETE', 'PATCH']) {
    const answer = await call(method, path, method === 'PATCH' ? { hour: 3 } : undefined);
    expect([method, answer.status, answer.body['code']]).toEqual([method, 404, 'no-such-subscription']);
  }
  expect(await found(email)).toEqual([]);
  expect(
    (await listAllPages(call, '/subscriptions?publication=lantern', 50)).map((each) => each['id']),
  ).not.toContain(subscription.id);
  expect((await open(unsubscribeLink)).status).toBe(200);
  expect((await post(unsubscribeLink, 'List-Unsubscribe=One-Click')).status).toBe(200);

  const before = await dumpTables(testApp.context.db, ['rate_limits', 'api_tokens']);
  const asked = await call('POST', '/subscriptions', {
    publication: 'lantern',
    email: 'ZADIE.o-hara@example.com',
  });
  expect([asked.status, asked.body['code']]).toEqual([409, 'erased']);
  expect(changedTables(before, await dumpTables(testApp.context.db, ['rate_limits', 'api_tokens']))).toEqual(
    [],
  );
  expect((await call('POST', '/subscriptions', { publication: 'tide', email })).status).toBe(202);
  await testApp.runDueJobs();

  testApp.advanceClock(8 * 24 * 3600_000);
  await createConfirmedReader(testApp, email);
  const [back] = await found(email);
  expect(back).toMatchObject({ status: 'confirmed', email });
  expect(back?.['id']).not.toBe(subscription.id);
  expect((await call('POST', '/subscriptions', { publication: 'lantern', email })).status).toBe(202);
});
