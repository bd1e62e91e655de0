import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { setAttackMode } from '../../../src/subscribers/attack/set-attack-mode.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { resetTestApp } from '../../support/fixtures.js';
import { createConfirmedReader, lastMail, readMails, open, post } from '../../support/reader-actions.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { addOperator, enterDashboard } from '../../support/operator-session.js';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  cookie = await enterDashboard(testApp);
});
afterAll(() => testApp.close());

async function hold(email: string, ...reasons: string[]): Promise<string> {
  const { id } = await testApp.context.db.one<{ id: string }>(sql`
    insert into sign_up_requests (publication_id, email, outcome, reasons, source, created_at)
    values (${publication.id}, ${email}, 'held', ${reasons}, 'https://lantern.example/<b>tides</b>', ${testApp.context.now()})
    returning id
  `);
  return id;
}

async function count(outcome: string, forms: number, hoursAgo: number): Promise<void> {
  const began = new Date(testApp.context.now().getTime() - hoursAgo * HOUR_MS);
  await testApp.context.db.run(sql`
    insert into sign_up_counts (publication_id, began_at, outcome, count)
    values (${publication.id}, ${began}, ${outcome}, ${forms})
  `);
}

const page = async (query = '', as = cookie) =>
  (await open(`${testApp.url}/operator/publications/lantern/readers/held${query}`, { cookie: as })).text();
const words = async (query?: string, as?: string) =>
  (await page(query, as)).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const press = (verb: string, fields: Record<string, string> = {}, as = cookie) =>
  post(`${testApp.url}/operator/publications/lantern/readers/${verb}`, fields, { cookie: as });
const said = async (pressed: Response) => {
  expect(pressed.status).toBe(303);
  return words(
    (pressed.headers.get('location') ?? '').replace('/operator/publications/lantern/readers/held', ''),
  );
};
const emails = async () =>
  (
    await testApp.context.db.many<{ email: string }>(
      sql`select email from sign_up_requests where outcome = 'held' order by email`,
    )
  ).map(({ email }) => email);

test('the last two days are drawn by the hour, with every figure in a table and in words', async () => {
  expect(await words()).toContain('No form came in.');
  await count('recorded', 40, 0);
  await count('held', 10, 0);
  await count('typo', 3, 5);
  await count('honeypot', 7, 5);
  await count('proof-needed', 99, 5);
  await count('recorded', 900, 48);
  const html = await page();
  expect(html).toContain(
    'aria-label="Forms an hour: 40 recorded, 10 held, 10 sent back; at most 50 in one hour.',
  );
  expect(
    [
      ...html.matchAll(/<rect class="chart-(\w+)" x="([\d.]+)" y="([\d.]+)" width="8" height="([\d.]+)"/g),
    ].map(([, ...bar]) => bar),
  ).toEqual([
    ['refused', '421', '96', '24'],
    ['recorded', '471', '24', '96'],
    ['held', '471', '0', '24'],
  ]);
  expect([...html.matchAll(/<tr><th scope="row">.*?<\/tr>/g)]).toHaveLength(2);
  expect(html).not.toContain('style=');
});

test('what is held shows its address, its reasons in words, and its page; it is released or deleted one by one', async () => {
  const ada = await hold('ada@example.com', 'unproved', 'machine-made');
  const ben = await hold('ben@example.com', 'too-fast');
  const text = await words();
  expect(text).toContain('2 sign-ups are held');
  expect(text).toContain('ada@example.com');
  expect(text).toContain('a browser that did not do the work. The address looks made up by a program.');
  expect(text).toContain('What nobody decides on within 7 days is deleted.');
  expect(await page()).toContain('https://lantern.example/&lt;b&gt;tides');

  expect(await said(await press('held/release', { id: ada }))).toContain('One sign-up is released');
  expect(await said(await press('held/release', { id: ada }))).toContain('None of them waited any more.');
  expect(await said(await press('held/delete', { id: ben }))).toContain(
    'One sign-up is deleted. Nobody was mailed.',
  );
  await testApp.runDueJobs();
  expect((await readMails(testApp)).map(({ to }) => to)).toEqual(['ada@example.com']);
  expect(await words()).toContain('Nothing is held');
});

test('all of one reason are decided at once, and all there are', async () => {
  await hold('ada@example.com', 'unproved');
  await hold('ben@example.com', 'unproved', 'disposable');
  await hold('cy@example.com', 'disposable');
  await hold('dee@example.com', 'flood');
  expect(await said(await press('held/delete', { reason: 'disposable' }))).toContain(
    '2 sign-ups are deleted.',
  );
  expect(await emails()).toEqual(['ada@example.com', 'dee@example.com']);
  expect(await said(await press('held/release'))).toContain('2 sign-ups are released');
  expect(await emails()).toEqual([]);
  await testApp.runDueJobs();
  expect((await readMails(testApp)).map(({ to }) => to).sort()).toEqual([
    'ada@example.com',
    'dee@example.com',
  ]);
});

test('more than a page of them is listed page by page, newest first', async () => {
  for (let at = 0; at < 51; at += 1) await hold(`reader${at}@example.com`, 'unproved');
  const first = await page();
  expect(first).toContain('reader50@example.com');
  expect(first).not.toContain('reader0@example.com');
  const older = /href="\/operator\/publications\/lantern\/readers\/held(\?[^"]*before[^"]*)#held"/
    .exec(first)?.[1]
    ?.replace('&amp;', '&');
  expect(await page(older)).toContain('reader0@example.com');
});

test('the page says what attack mode means, switches it off and on, and the dashboard shows that it is on', async () => {
  const { db, now } = testApp.context;
  await db.run(sql`
    insert into attacks (publication_id, cause, began_at, seen_at, forms, refused, usual)
    values (${publication.id}, 'refusals', ${now()}, ${now()}, 300, 280, 4)
  `);
  expect(await words()).toContain('300 forms came within ten minutes, and 280 of them were sent back');
  const dashboard = async () =>
    (await open(`${testApp.url}/operator/publications/lantern`, { cookie })).text();
  expect(await dashboard()).toContain('Sign-up protection is on');
  expect(await said(await press('attack', { switch: 'off' }))).toContain(
    'does not begin again by itself for 24 hours',
  );
  expect(await words()).toContain('Attack mode is off');
  expect(await said(await press('attack', { switch: 'on' }))).toContain('stays on until it is switched off');
  await setAttackMode(testApp.context, publication.id, false);
  expect(await dashboard()).not.toContain('Sign-up protection');
});

test('a viewer sees no whole address and decides nothing; without a session nothing is shown', async () => {
  const id = await hold('ada@example.com', 'unproved');
  const { id: viewerId } = await addOperator(testApp, 'eve@lantern.example', 'viewer');
  const viewer = await enterDashboard(testApp, viewerId);
  expect(await words(undefined, viewer)).toContain('@example.com');
  expect(await words(undefined, viewer)).not.toContain('ada@example.com');
  expect((await press('held/release', { id }, viewer)).status).toBe(403);
  expect((await press('attack', { switch: 'on' }, viewer)).status).toBe(403);
  expect((await open(`${testApp.url}/operator/publications/lantern/readers/held`)).status).toBe(303);
  expect((await press('held/delete', { id }, '')).status).toBe(401);
  expect(await emails()).toEqual(['ada@example.com']);
});

test('an unknown newsletter or choice is not found', async () => {
  expect((await open(`${testApp.url}/operator/publications/nobody/readers/held`, { cookie })).status).toBe(
    404,
  );
  expect((await press('held/release', { reason: 'x'.repeat(41) })).status).toBe(404);
  expect((await press('held/release', { id: 'x' })).status).toBe(404);
  expect((await press('attack', { switch: 'perhaps' })).status).toBe(404);
});

test('the publisher’s own words are set on a page of their own, and welcome who confirms from then on', async () => {
  const page = `${testApp.url}/operator/publications/lantern/look/welcome`;
  const words = 'Welcome aboard.\r\n\r\nRead *this* first: [the map](https://lantern.example/map) <b>';
  const saved = await post(page, { welcomeText: words }, { cookie });
  expect(saved.headers.get('location')).toBe('/operator/publications/lantern/look/welcome?done=saved');
  const shown = await (await open(`${page}?done=saved`, { cookie })).text();
  expect(shown).toContain('Saved. Readers who confirm from now on get it so.');
  expect(shown).toContain('Read this first: the map &lt;https://lantern.example/map&gt; &lt;b&gt;');
  await createConfirmedReader(testApp, 'ada@example.com');
  const mail = await lastMail(testApp, 'ada@example.com');
  expect(mail.text).toContain(
    'Welcome aboard.\n\nRead this first: the map <https://lantern.example/map> <b>',
  );
  expect(mail.html).toContain('<em>this</em>');
  expect(mail.html).toContain('&lt;b&gt;');

  const tooLong = await post(page, { welcomeText: 'x'.repeat(2001) }, { cookie });
  expect([tooLong.status, await tooLong.text()]).toEqual([
    422,
    expect.stringContaining('Text is longer than 2000 characters.'),
  ]);
  const long = '潮'.repeat(2000);
  expect((await post(page, { welcomeText: long, 'seen.welcomeText': words }, { cookie })).status).toBe(303);
  const { id: viewerId } = await addOperator(testApp, 'viewer@lantern.example', 'viewer');
  const viewing = await enterDashboard(testApp, viewerId);
  expect((await post(page, { welcomeText: 'x' }, { cookie: viewing })).status).toBe(403);
  await post(page, { welcomeText: ' ' }, { cookie });
  await createConfirmedReader(testApp, 'bo@example.com');
  expect((await lastMail(testApp, 'bo@example.com')).text).not.toContain('Welcome aboard');
});
