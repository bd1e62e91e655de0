import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { unsubscribe } from '../../../../src/subscribers/leave/unsubscribe.js';
import { eraseSubscription } from '../../../../src/subscribers/erase/erase.js';
import { pauseSubscription } from '../../../../src/subscribers/preferences/pause.js';
import { addReader, addReaders, readerAddresses } from '../../../support/fixtures.js';
import { lastMail, open, post } from '../../../support/reader-actions.js';
import { addOperator, enterDashboard, mainText, newFormKey } from '../../../support/operator-session.js';
import { poisonRow } from '../../../support/poisoned-rows.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let editorId: string;
let editor: string;

beforeAll(async () => {
  testApp = await openTestApp({
    mailDomain: async (domain) => (domain === 'no-mail.example' ? 'none' : 'unknown'),
  });
  publication = await testApp.createPublication();
  editorId = (await addOperator(testApp, 'ed@lantern.example', 'editor')).id;
  editor = await enterDashboard(testApp, editorId);
});
afterAll(() => testApp.close());

const LIST = '/operator/publications/lantern/readers';
const send = (path: string, fields: Record<string, string> = {}, cookie = editor) =>
  post(testApp.url + path, fields, { cookie });
const leadsTo = (answer: Response) => (answer.headers.get('location') ?? '').replace(/\?.*$/, '');
const words = async (path: string, cookie = editor) =>
  mainText(await (await open(testApp.url + path, { cookie })).text());
const statuses = async () =>
  Object.fromEntries(
    (
      await testApp.context.db.many<{ status: string; count: number }>(sql`
        select status, count(*)::integer as count from listed_readers
         where publication_id = ${publication.id} group by status
      `)
    ).map(({ status, count }) => [status, count]),
  );

test('readers are paused together: the number is named first, who left meanwhile is left alone, and it is taken back', async () => {
  const readers = await addReaders(testApp, publication, readerAddresses(60), { cadence: 'weekly' });
  await addReaders(testApp, publication, ['other@example.org'], { cadence: 'daily' });
  const [own, left, gone] = readers;
  if (own === undefined || left === undefined || gone === undefined) throw new Error('There are no readers');
  const herself = { ...testApp.context, actor: { kind: 'reader' as const } };
  await pauseSubscription(herself, own.id, { until: null, catchUp: false });
  const asked = await send(`${LIST}/together`, { action: 'pause', rhythm: 'weekly', q: 'example.com' });
  const page = leadsTo(asked);
  const counting = await open(testApp.url + page, { cookie: editor });
  expect(counting.headers.get('refresh')).toBe('2');
  expect(mainText(await counting.text())).toContain('Readers are being counted Nothing has been done');
  await testApp.runDueJobs();
  expect(await words(page)).toContain('Pause 59 readers?');
  expect(await statuses()).toEqual({ confirmed: 60, paused: 1 });
  const { filter } = await testApp.context.db.one<{ filter: unknown }>(
    sql`select filter from reader_changes`,
  );
  expect(filter).toBeNull();
  await unsubscribe(herself, left.id);
  await eraseSubscription(herself, gone.id);
  expect((await send(`${page}/start`)).status).toBe(303);
  expect(await words(page)).toContain('0 of 59 looked at.');
  expect(await words(leadsTo(await send(`${page}/start`)) + '?done=not-ready')).not.toContain('Done.');
  await testApp.runDueJobs();
  const done = await words(page);
  expect(done).toContain('57 readers are paused');
  expect(done).toContain('2 readers stayed as they were. They had left');
  expect(await statuses()).toEqual({ confirmed: 1, paused: 58, unsubscribed: 1 });
  expect(
    await testApp.context.db.one(sql`
      select count(*)::integer as count from activity where kind = 'subscription.paused' and actor_id = ${editorId}
    `),
  ).toEqual({ count: 57 });
  const undo = leadsTo(await send(`${page}/undo`));
  expect(undo).not.toBe(page);
  expect(leadsTo(await send(`${page}/undo`))).toBe(page);
  await testApp.runDueJobs();
  expect(await words(undo)).toContain('57 readers are resumed');
  expect(await words(page)).toContain('This has been taken back.');
  expect(await statuses()).toEqual({ confirmed: 58, paused: 1, unsubscribed: 1 });
});

test('resuming together leaves who paused by herself, and stopping half-way leaves the others', async () => {
  const none = leadsTo(await send(`${LIST}/together`, { action: 'resume' }));
  await testApp.runDueJobs();
  expect(await words(none)).toContain('Nobody to resume');
  const page = leadsTo(await send(`${LIST}/together`, { action: 'unsubscribe', rhythm: 'weekly' }));
  await testApp.runDueJobs();
  expect(await words(page)).toContain('Unsubscribe 58 readers?');
  await send(`${page}/start`);
  expect((await send(`${page}/stop`)).status).toBe(303);
  await testApp.runDueJobs();
  expect(await words(page)).toContain('0 of 58 readers unsubscribed Stopped');
  await send(`${page}/start`);
  await testApp.runDueJobs();
  expect(await words(page)).toContain('58 readers are unsubscribed Done.');
  expect(testApp.smtp.messages).toHaveLength(0);
  const undo = leadsTo(await send(`${page}/undo`));
  await testApp.runDueJobs();
  expect(await words(undo)).toContain('58 readers are back as they were');
  expect(await statuses()).toEqual({ confirmed: 58, paused: 1, unsubscribed: 1 });
});

test('erasing together asks again after ten minutes, and cannot be taken back', async () => {
  await addReaders(testApp, publication, ['one@erase.example', 'two@erase.example'], { cadence: 'monthly' });
  const page = leadsTo(await send(`${LIST}/together`, { action: 'erase', rhythm: 'monthly' }));
  await testApp.runDueJobs();
  expect(await words(page)).toContain('Erase 2 readers?');
  expect((await send(`${page}/start`)).status).toBe(404);
  testApp.advanceClock(11 * MINUTE_MS);
  expect((await send(`${page}/erase`)).status).toBe(403);
  await testApp.runDueJobs();
  expect((await statuses())['confirmed']).toBe(60);
  editor = await enterDashboard(testApp, editorId);
  await send(`${page}/erase`);
  await testApp.runDueJobs();
  expect(await words(page)).toContain('2 readers are erased Done.');
  expect(await words(page)).not.toContain('Undo');
  expect(await statuses()).toEqual({ confirmed: 58, paused: 1, unsubscribed: 1 });
  testApp.advanceClock(8 * DAY_MS);
  await testApp.handlers.purge({});
  editor = await enterDashboard(testApp, editorId);
  expect((await open(testApp.url + page, { cookie: editor })).status).toBe(404);
});

test('a reader who cannot be changed keeps nobody waiting', async () => {
  const readers = await addReaders(testApp, publication, ['ill@poison.example', 'well@poison.example']);
  const mend = await poisonRow(testApp.context.db, 'subscriptions', readers[0]?.id ?? '');
  const page = leadsTo(await send(`${LIST}/together`, { action: 'erase', q: 'poison.example' }));
  await testApp.runDueJobs();
  await send(`${page}/erase`);
  await testApp.runDueJobs();
  expect(await words(page)).toMatch(/1 reader is erased Done\. 1 reader stayed as she was/);
  await mend();
  await eraseSubscription(testApp.context, readers[0]?.id ?? '');
});

test('one is added by asking her, and what is wrong with an address is said without losing it', async () => {
  const add = (fields: Record<string, string>) => send(LIST, { ...newFormKey(), ...fields });
  const key = newFormKey();
  expect((await send(LIST, { ...key, email: 'Zoe@Example.org', rhythm: 'monthly' })).status).toBe(303);
  await send(LIST, { ...key, email: 'Zoe@Example.org', rhythm: 'monthly' });
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toHaveLength(1);
  expect((await lastMail(testApp)).to).toBe('Zoe@example.org');
  expect(await words(`${LIST}/waiting`)).toContain('Zoe@example.org Waiting');
  expect(
    await testApp.context.db.many(sql`select cadence from sign_up_requests where email = 'Zoe@example.org'`),
  ).toEqual([{ cadence: 'monthly' }]);
  const gone = await addReader(testApp, publication, 'gone@erase.example');
  await eraseSubscription(testApp.context, gone.id);
  for (const [email, why] of [
    ['zoe@', 'not a complete mail address'],
    ['zoe@no-mail.example', 'no-mail.example takes no mail'],
    ['gone@erase.example', 'had herself erased'],
  ] as const) {
    const refused = await add({ email, rhythm: 'daily' });
    expect(refused.status).toBe(422);
    const html = await refused.text();
    expect(mainText(html)).toContain(why);
    expect(html).toContain(`value="${email}"`);
    expect(html).toContain('<option value="daily" selected>');
  }
});

test('an owner takes readers out as a file that no spreadsheet runs, and history says so', async () => {
  const owner = await enterDashboard(
    testApp,
    (await addOperator(testApp, 'own@lantern.example', 'owner')).id,
  );
  await addReader(testApp, publication, '=cmd|calc@csv.example', { topics: [] });
  await addReader(testApp, publication, '"quoted"@csv.example', { status: 'paused' });
  expect((await send(`${LIST}/export`, { q: 'csv.example' })).status).toBe(403);
  const file = await send(`${LIST}/export`, { q: 'csv.example' }, owner);
  expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(file.headers.get('content-disposition')).toMatch(
    /^attachment; filename=lantern-readers-[\d-]{10}\.csv$/,
  );
  const lines = (await file.text()).split('\r\n');
  expect(lines[0]).toContain('"email","status","cadence"');
  expect(lines.slice(1, 3).toSorted()).toEqual([
    expect.stringMatching(/^"""quoted""@csv\.example","paused",/),
    expect.stringMatching(/^"'=cmd\|calc@csv\.example","confirmed",/),
  ]);
  const all = await (await send(`${LIST}/export`, {}, owner)).text();
  expect(all.trimEnd().split('\r\n')).toHaveLength(1 + 62);
  const recorded = await testApp.context.db.many(sql`
    select after, actor_kind from activity where kind = 'subscription.exported' order by id
  `);
  expect(recorded).toEqual([
    { after: { isFiltered: true }, actorKind: 'operator' },
    { after: { isFiltered: false }, actorKind: 'operator' },
  ]);
  testApp.advanceClock(11 * MINUTE_MS);
  expect((await send(`${LIST}/export`, {}, owner)).status).toBe(403);
});

test('what another newsletter does with its readers is not found', async () => {
  await testApp.createPublication({ slug: 'other', name: 'Other' });
  const administrator = await enterDashboard(testApp);
  const page = leadsTo(await send(`${LIST}/together`, { action: 'pause' }, administrator));
  const elsewhere = page.replace('/lantern/', '/other/');
  expect((await open(testApp.url + elsewhere, { cookie: administrator })).status).toBe(404);
  for (const verb of ['start', 'stop', 'undo', 'erase'])
    expect((await send(`${elsewhere}/${verb}`, {}, administrator)).status).toBe(404);
  expect(
    (await open(`${testApp.url}${LIST}/together/${randomUUID()}`, { cookie: administrator })).status,
  ).toBe(404);
  expect((await send(`${LIST}/together`, { action: 'restore' }, administrator)).status).toBe(404);
});
