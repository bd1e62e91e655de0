import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { pauseSubscription } from '../../../../src/subscribers/preferences/pause.js';
import { unsubscribe } from '../../../../src/subscribers/leave/unsubscribe.js';
import { suppressAddress } from '../../../../src/subscribers/suppression/operator-changes.js';
import { addArticles, addReader, advanceAndRunJobs, reloadReader } from '../../../support/fixtures.js';
import { createConfirmedReader, lastMail, open, post } from '../../../support/reader-actions.js';
import { addOperator, enterDashboard, mainText } from '../../../support/operator-session.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let cookie: string;
let editor: string;
let viewer: string;

beforeAll(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-30T04:00:00Z') });
  publication = await testApp.createPublication({
    topics: ['Sea', 'Sky'],
    timezone: 'Africa/Nairobi',
    hour: 8,
  });
  cookie = await enterDashboard(testApp);
  editor = await enterDashboard(testApp, (await addOperator(testApp, 'ed@lantern.example', 'editor')).id);
  viewer = await enterDashboard(testApp, (await addOperator(testApp, 'looks@lantern.example', 'viewer')).id);
});
afterAll(() => testApp.close());

const path = (id: string, rest = '') => `${testApp.url}/operator/publications/lantern/readers/${id}${rest}`;
const html = async (id: string, query = '', as = cookie) =>
  (await open(path(id, query), { cookie: as })).text();
const words = async (id: string, query = '', as = cookie) => mainText(await html(id, query, as));
const press = async (
  id: string,
  action: string,
  fields: Record<string, string> | string = {},
  as = cookie,
) => {
  const pressed = await post(path(id, `/${action}`), fields, { cookie: as });
  if (pressed.status !== 303) return mainText(await pressed.text());
  const leads = await open(testApp.url + (pressed.headers.get('location') ?? ''), { cookie: as });
  return mainText(await leads.text());
};
const daily = { cadence: 'daily', hour: 8, timezone: 'Africa/Nairobi' } as const;
/** The digest of a rhythm that was made last. */
const lastDigest = async (cadence: string) =>
  (
    await testApp.context.db.one<{ id: string }>(sql`
      select id from digests where cadence = ${cadence} order by id desc limit 1
    `)
  ).id;
const whyOf = async (reader: { id: string }, digestId: string) =>
  (await words(reader.id, `?why=${digestId}`)).replace(/^.*Answer /, '').replace(/ The digest .*$/, '');

test('a page says how she is, what she gets next and when, and how she joined', async () => {
  const { subscription } = await createConfirmedReader(testApp, 'amina@example.com', {
    source: 'https://lantern.example/tides',
    cadence: 'daily',
  });
  const { id } = subscription;
  let page = await words(id);
  expect(page).toContain('amina@example.com Reading since 30 November 2026, 07:00 (East Africa Time)');
  expect(page).toContain('Next Monday 30 November, 08:00 (East Africa Time) Nothing was released');
  expect(page).toContain('Page https://lantern.example/tides Asked 30 November 2026');
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  page = await words(id);
  expect(page).toContain('Next Monday 30 November, 08:00 (East Africa Time), 2 articles so far');
  const [, seeIt = ''] = /href="([^"]+)">See it</.exec(await html(id)) ?? [];
  const seen = mainText(await (await open(testApp.url + seeIt.replaceAll('&amp;', '&'), { cookie })).text());
  expect([seeIt, seen]).toEqual([
    `/operator/publications/lantern/digests/coming/daily/preview?reader=${id}`,
    expect.stringContaining('amina@example.com'),
  ]);
  expect(page).toContain('In her time zone');
  expect(page).not.toMatch(/your time zone|should we write/i);
  expect(await press(id, 'choices', 'choices=yes&cadence=daily&hour=8&locale=sw')).toContain('Saved.');
  expect((await post(path(id, '/choices'), 'choices=yes&locale=xx', { cookie })).status).toBe(422);
  expect(await html(id)).toContain('<option value="sw" selected>Swahili</option>');
  expect(page).toContain('Welcome mail Accepted by mail server');
  expect(page).toContain('The reader confirmed.');
  expect(await words(id, '?show=changes')).not.toContain('Welcome mail');
  expect(await words(id, '?show=bounces')).toContain('Nothing bounced.');
});

test('why she got a digest, or not, is one sentence that names the rule', async () => {
  const { context } = testApp;
  const got = await addReader(testApp, publication, 'got@example.com', daily);
  const weekly = await addReader(testApp, publication, 'weekly@example.com', { ...daily, cadence: 'weekly' });
  const paused = await addReader(testApp, publication, 'paused@example.com', daily);
  const left = await addReader(testApp, publication, 'left@example.com', daily);
  const sky = await addReader(testApp, publication, 'sky@example.com', { ...daily, topics: ['Sky'] });
  const waits = await addReader(testApp, publication, 'waits@example.com', { ...daily, status: 'pending' });
  const late = await addReader(testApp, publication, 'late@example.com', { ...daily, hour: 20 });
  const blocked = await addReader(testApp, publication, 'blocked@example.com', daily);
  const bounces = await addReader(testApp, publication, 'bounces@example.com', daily);
  await addArticles(testApp, publication, {
    title: 'Tides',
    url: 'https://l.example/t',
    content: '<p>T</p>',
    categories: ['Sea'],
  });
  await pauseSubscription({ ...context, actor: { kind: 'reader' } }, paused.id, {
    until: null,
    catchUp: false,
  });
  await unsubscribe({ ...context, actor: { kind: 'reader' } }, left.id);
  await suppressAddress(context, {
    emailKey: 'blocked@example.com',
    publicationId: publication.id,
    note: 'Asked.',
  });
  testApp.smtp.setScript((stage, address) =>
    stage === 'rcpt' && address.startsWith('bounces@')
      ? '550 5.1.1 <bounces@example.com> unknown'
      : undefined,
  );
  await advanceAndRunJobs(testApp, 61 * MINUTE_MS);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  const digest = await lastDigest('daily');
  const after = await addReader(testApp, publication, 'after@example.com', { ...daily, hour: 9 });
  testApp.advanceClock(HOUR_MS);
  const joined = await createConfirmedReader(testApp, 'joined@example.com', { cadence: 'daily' });
  expect(await whyOf(got, digest)).toContain('Yes: her mail server accepted it 30 November 2026, 08:0');
  expect(await whyOf(weekly, digest)).toContain('No: she had chosen “Weekly” then');
  expect(await whyOf(paused, digest)).toMatch(/No: she was paused then, since .* by herself\./);
  expect(await whyOf(left, digest)).toMatch(/No: she had left by then, since .* by herself\./);
  expect(await whyOf(sky, digest)).toContain(
    'No: she had chosen topics (Sky), and no article of it has one of them.',
  );
  expect(await whyOf(waits, digest)).toContain('No: she had not confirmed then');
  expect(await whyOf(late, digest)).toContain('Not yet: her hour is still to come, 30 November 2026, 20:00');
  expect(await whyOf(blocked, digest)).toContain('is, or was then, on the list Do not mail');
  expect(await whyOf(bounces, digest)).toMatch(/No: it bounced 30 November.*550 5\.1\.1 &lt;…&gt; unknown/);
  expect(await whyOf(after, digest)).toContain('No: nothing in it was new to her.');
  expect(await whyOf(joined.subscription, digest)).toContain('No: she confirmed 30 November 2026, 09');
  expect(await words(bounces.id, '?show=bounces')).toContain(
    'What the server said 550 5.1.1 &lt;…&gt; unknown',
  );
  expect(await words(bounces.id, `?why=${digest}`, viewer)).not.toContain('bounces@example.com');
  expect(await words(blocked.id)).toContain('Do not mail from this newsletter: An operator put it there');
  // What she changed since is not what counted then.
  await press(
    weekly.id,
    'choices',
    'choices=yes&cadence=daily&hour=8&weekday=1&dayOfMonth=1&timezone=Africa%2FNairobi&format=publication',
  );
  expect(await whyOf(weekly, digest)).toContain('No: she had chosen “Weekly” then');
  expect(await words(got.id, `?why=${randomUUID()}`)).not.toContain('Yes:');
});

test('her choices are changed by an editor as by herself, with a row in history, and a broken form loses nothing', async () => {
  const reader = await addReader(testApp, publication, 'choices@example.com', { ...daily, topics: ['Sea'] });
  const fields =
    'choices=yes&cadence=weekly&hour=6&weekday=3&dayOfMonth=1&timezone=Europe%2FBerlin&format=full&withoutPictures=yes&before=Sea&topics=Sky';
  expect(await press(reader.id, 'choices', fields, editor)).toContain('Saved.');
  expect(await reloadReader(testApp, reader)).toMatchObject({
    ...{ cadence: 'weekly', hour: 6, weekday: 3, timezone: 'Europe/Berlin', format: 'full' },
    ...{ withoutPictures: true, topics: ['Sky'] },
  });
  expect(await words(reader.id)).toMatch(/ed@lantern\.example changed a reader’s choices: [\w, ]*cadence/);
  const broken = await post(path(reader.id, '/choices'), fields.replace('hour=6', 'hour=99'), { cookie });
  expect(broken.status).toBe(422);
  expect(mainText(await broken.text())).toContain('Nothing was saved.');
  expect((await reloadReader(testApp, reader)).hour).toBe(6);
  expect((await post(path(reader.id, '/choices'), fields, { cookie: viewer })).status).toBe(403);
});

test('only a pause of an operator is ended by one, and only what an operator ended is restored', async () => {
  const reader = await addReader(testApp, publication, 'stops@example.com', daily);
  const { context } = testApp;
  expect(await press(reader.id, 'pause', {}, editor)).toContain('She is paused: nothing is mailed to her');
  expect(await press(reader.id, 'pause')).toContain('nothing to pause');
  expect(await press(reader.id, 'resume')).toContain('She is resumed');
  await pauseSubscription({ ...context, actor: { kind: 'reader' } }, reader.id, {
    until: null,
    catchUp: true,
  });
  expect(await words(reader.id)).toContain('She paused by herself, so she ends it herself');
  expect(await press(reader.id, 'resume')).toContain('She paused by herself, so only she can end it.');
  expect(await reloadReader(testApp, reader)).toMatchObject({ status: 'paused', catchUp: true });
  expect(await press(reader.id, 'unsubscribe')).toContain('She is unsubscribed, and was not told by mail.');
  expect(await press(reader.id, 'restore')).toContain('She is back as she was.');
  expect(await reloadReader(testApp, reader)).toMatchObject({ status: 'paused' });
  await unsubscribe({ ...context, actor: { kind: 'reader' } }, reader.id);
  expect(await words(reader.id)).toContain('Left 30 November 2026');
  expect(await words(reader.id)).not.toContain('Undo that she was unsubscribed');
  expect(await press(reader.id, 'restore')).toContain('she left by herself');
  expect(await press(reader.id, 'choices', 'choices=yes&cadence=daily')).toContain('Nothing was saved.');
});

test('her settings link goes to her, once however often the button is pressed, and nobody here sees it', async () => {
  const reader = await addReader(testApp, publication, 'link@example.com', daily);
  const key = { key: randomUUID() };
  const page = await press(reader.id, 'link', key, editor);
  expect(page).toContain('Her settings link is on its way to her.');
  expect(await press(reader.id, 'link', key, editor)).toBe(page);
  expect(await press(reader.id, 'link', {}, editor)).toContain('Press once more.');
  const sent = testApp.smtp.messages.length;
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.length - sent).toBe(1);
  expect((await lastMail(testApp, 'link@example.com')).links.length).toBeGreaterThan(0);
  expect(await html(reader.id)).not.toContain('/manage/');
});

test('erasing asks again after ten minutes, and leaves a page that says so', async () => {
  const reader = await addReader(testApp, publication, 'erase@example.com', daily);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  const asked = await post(path(reader.id, '/erase'), {}, { cookie: editor });
  expect(asked.status).toBe(403);
  expect((await reloadReader(testApp, reader)).email).toBe('erase@example.com');
  const fresh = await enterDashboard(
    testApp,
    (await addOperator(testApp, 'new@lantern.example', 'editor')).id,
  );
  expect(await press(reader.id, 'erase', {}, fresh)).toContain('She is erased.');
  const page = await words(reader.id);
  expect(page).toContain('A reader who was erased');
  expect(page).toContain('new@lantern.example erased a reader.');
  expect(page).not.toContain('erase@example.com');
  expect(page).not.toContain('What you can do');
});

test('a reader of another newsletter, and one that is none, are not found; a viewer may press nothing', async () => {
  const other = await testApp.createPublication({ slug: 'other', name: 'Other' });
  const elsewhere = await addReader(testApp, other, 'elsewhere@example.com');
  const own = await addReader(testApp, publication, 'own@example.com');
  const fresh = await enterDashboard(testApp);
  for (const id of [elsewhere.id, randomUUID(), 'nonsense'])
    for (const action of ['', '/pause', '/erase', '/choices', '/link'])
      expect([
        id,
        action,
        (
          await (action === ''
            ? open(path(id), { cookie: fresh })
            : post(path(id, action), {}, { cookie: fresh }))
        ).status,
      ]).toEqual([id, action, 404]);
  const page = await html(own.id, '', viewer);
  expect(page).not.toContain('own@example.com');
  expect(page).toContain('<span class="hidden">address beginning with o, at example.com</span>');
  expect(mainText(page)).not.toMatch(/Pause|Unsubscribe|Erase|Save/);
  for (const action of ['pause', 'unsubscribe', 'erase', 'choices', 'link'])
    expect((await post(path(own.id, `/${action}`), {}, { cookie: viewer })).status).toBe(403);
  expect((await reloadReader(testApp, own)).status).toBe('confirmed');
  testApp.advanceClock(DAY_MS);
});
