import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import { addArticles, addReader, addReaders, readerAddresses } from '../../support/fixtures.js';
import {
  addOperator,
  enterDashboard,
  newFormKey,
  readDashboardPage,
} from '../../support/operator-session.js';
import { open, post, readMails } from '../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const DESK = '/operator/publications/lantern';
let testApp: TestApp;
let publication: Publication;
let cookie: string;
let viewer: string;

/** It is Sunday 22 November, noon in Nairobi, when everything begins. */
beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ timezone: 'Africa/Nairobi', postalAddress: '1 Quay' });
  cookie = await enterDashboard(testApp, (await addOperator(testApp, 'ann@lantern.example')).id);
  viewer = await enterDashboard(testApp, (await addOperator(testApp, 'eve@lantern.example', 'viewer')).id);
});

afterAll(() => testApp.close());

const html = async (as = cookie) => (await open(testApp.url + DESK, { cookie: as })).text();
const words = (query = '') => readDashboardPage(testApp, `/publications/lantern${query}`, cookie);
const hold = async (cadence: string) => {
  const answer = await post(`${testApp.url}${DESK}/rhythms/${cadence}/hold`, {}, { cookie });
  return (answer.headers.get('location') ?? '').replace(DESK, '');
};
const digests = () =>
  testApp.context.db.many<{ cadence: string; period: string; state: string; reasons: string[] }>(
    sql`select cadence, period, state, hold_reasons as reasons from digests order by id`,
  );

test('a row for each rhythm says when, to how many and what; readers of other zones are in it, and looking changes nothing', async () => {
  await addReaders(testApp, publication, readerAddresses(3), { cadence: 'daily', hour: 7 });
  const early = { cadence: 'daily', hour: 7, timezone: 'Asia/Kolkata' } as const;
  await addReader(testApp, publication, 'early@example.com', early);
  await addReader(testApp, publication, 'late@example.com', { cadence: 'daily', hour: 21 });
  const weekly = { cadence: 'weekly', hour: 8, weekday: 2 } as const;
  await addReader(testApp, publication, 'week@example.com', weekly);
  await addReader(testApp, publication, 'each@example.com', { cadence: 'instant' });
  const before = await dumpTables(testApp.context.db, ['operator_sessions']);
  expect(await words()).toContain('Weekly Tue 24 Nov, 08:00 (Nairobi) · 1 reader · nothing new yet');
  expect(changedTables(before, await dumpTables(testApp.context.db, ['operator_sessions']))).toEqual([]);
  await addArticles(testApp, publication, 'Harbour <b>', 'Storm');
  const shown = await words();
  expect(shown).toContain(
    'Each article within minutes of coming out · 1 reader · 2 articles: Harbour &lt;b&gt; …',
  );
  // Her seven o'clock is half past four in Nairobi; the last of today's digest are not in tomorrow's.
  expect(shown).toContain('Daily Sun 22 Nov, 21:00 (Nairobi) · 1 reader · 2 articles: Harbour &lt;b&gt; …');
  testApp.advanceClock(10 * HOUR_MS);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  expect(await words()).toContain(
    'Daily Mon 23 Nov, 04:30–21:00, most at 07:00 (Nairobi) · 5 readers · 2 articles: Harbour &lt;b&gt; …',
  );
  expect(await html()).toContain(`action="${DESK}/rhythms/daily/hold"`);
  expect(await html()).not.toContain(`action="${DESK}/rhythms/instant/hold"`);
  expect(await html()).toContain(`href="${DESK}/digests/coming/daily/preview"`);
  const list = await open(`${testApp.url}${DESK}/readers?state=reading&rhythm=weekly`, { cookie });
  expect([list.status, (await list.text()).includes('week@example.com')]).toEqual([200, true]);
  expect(await html()).toContain(`href="${DESK}/readers?state=reading&amp;rhythm=weekly"`);
  expect((await open(`${testApp.url}${DESK}/digests/coming/daily/preview`, { cookie })).status).toBe(200);
});

test('the next digest is held before any reader has opened it, once, and goes when it is let go', async () => {
  testApp.smtp.messages.length = 0;
  expect(await hold('daily')).toBe('?done=next-held');
  expect(await hold('daily')).toBe('?done=next-already');
  const held = { cadence: 'daily', period: '2026-11-23', state: 'held', reasons: ['by-hand'] };
  expect((await digests()).filter(({ cadence }) => cadence === 'daily')).toContainEqual(held);
  const [activity] = await testApp.context.db.many(
    sql`select kind, actor_kind as actor from activity where kind = 'digest.held'`,
  );
  expect(activity).toMatchObject({ kind: 'digest.held', actor: 'operator' });
  const shown = await words('?done=next-held');
  expect(shown).toContain('Held. Nobody of this rhythm is mailed until you let it go.');
  expect(shown).toContain('Held: its readers wait until you let it go. Preview Look at it');
  expect(shown).toMatch(/Needs you .*Held: Daily, 2026-11-23/);

  testApp.advanceClock(9 * HOUR_MS);
  await testApp.runDueJobs();
  expect((await readMails(testApp)).map(({ to }) => to)).not.toContain('early@example.com');
  const { id } = await testApp.context.db.one<{ id: string }>(
    sql`select id from digests where state = 'held'`,
  );
  await post(`${testApp.url}${DESK}/digests/${id}/approve`, newFormKey(), { cookie });
  await testApp.runDueJobs();
  expect((await readMails(testApp)).map(({ to }) => to)).toContain('early@example.com');
});

test('of a digest that is on its way the rest is paused, and who has it keeps it', async () => {
  expect(await words()).toContain('On its way: the hours of these readers are still to come.');
  expect(await hold('daily')).toBe('?done=next-paused');
  expect(await words()).toContain('Paused: who has it keeps it, and the others wait. Preview Look at it');
  expect(await hold('daily')).toBe('?done=next-already');
});

test('only a rhythm that readers are due in is held, and only by who may change the newsletter', async () => {
  const before = (await digests()).length;
  expect(await hold('monthly')).toBe('?done=next-nobody-due');
  for (const none of ['instant', 'operator', 'x'])
    expect((await post(`${testApp.url}${DESK}/rhythms/${none}/hold`, {}, { cookie })).status).toBe(404);
  const refused = await post(`${testApp.url}${DESK}/rhythms/weekly/hold`, {}, { cookie: viewer });
  expect(refused.status).toBe(403);
  expect(await html(viewer)).not.toContain('/hold"');
  expect(await digests()).toHaveLength(before);
});

test('five needs are shown and the others folded, what stops all mail first; nothing else says that all is well', async () => {
  await testApp.context.db.run(sql`update publications set postal_address = null`);
  await testApp.context.db.run(sql`
    insert into transports (name) values ('mail.example:587') on conflict do nothing
  `);
  for (const domain of ['one.example', 'two.example', 'three.example', 'four.example'])
    await testApp.context.db.run(sql`
      insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at)
      select id, ${domain}, 'refused', '554 <i>Blocked</i>', 120, 60, ${testApp.context.now()} from transports limit 1
    `);
  const page = await html();
  const needs = /<section id="needs".*?<\/section>/s.exec(page)?.[0] ?? '';
  const [first = '', folded = ''] = needs.split('<details>');
  const titles = (part: string) => part.match(/class="row-title"/g)?.length ?? 0;
  expect(titles(first)).toBe(5);
  expect(page).toContain(`${5 + titles(folded)} things need you.`);
  expect(first.indexOf('Nothing is being sent')).toBeGreaterThan(0);
  expect(first.indexOf('Nothing is being sent')).toBeLessThan(first.indexOf('There is no postal address'));
  expect(needs).toContain(`href="${DESK}/settings/sender"`);
  expect(needs).toContain('href="/operator/health#mail"');
  expect(page).not.toContain('<i>');
  expect(page).not.toContain('All is well.');
});

test('readers of the last ninety days are a line and a table, from the numbers that are kept', async () => {
  const leaver = await addReader(testApp, publication, 'leaver@example.com', { cadence: 'daily' });
  testApp.advanceClock(2 * DAY_MS);
  await unsubscribe(testApp.context, leaver.id);
  const page = await html();
  expect(page).toMatch(/<dt>.*Unsubscribed<br>\+1 in 30 days<\/dt>/s);
  const rows = [...page.matchAll(/<tr><th scope="row">([^<]+)<\/th>(.*?)<\/tr>/g)].map(
    ([, day, cells = '']) => [day, ...[...cells.matchAll(/>(\d+)</g)].map(([, number]) => Number(number))],
  );
  expect(rows).toHaveLength(90);
  expect(rows.slice(0, 4)).toEqual([
    ['25 November 2026', 0, 1, 7],
    ['24 November 2026', 0, 0, 8],
    ['23 November 2026', 1, 0, 8],
    ['22 November 2026', 7, 0, 7],
  ]);
  const [, line = ''] = /<path class="reader-line" d="([^"]+)"/.exec(page) ?? [];
  expect(line).toMatch(/^M0,160L.*$/);
  expect(page).toContain('role="img" aria-label="0 readers on 28 August 2026, 7 today.');
  expect(page).not.toContain('style=');
});

test('a newsletter that is not live shows its steps instead', async () => {
  await testApp.createPublication({ slug: 'young', name: 'The Young' }, { isLive: false });
  const shown = await readDashboardPage(testApp, '/publications/young', cookie);
  expect(shown).toContain('Go live');
  expect(shown).not.toContain('Going out next');
});
