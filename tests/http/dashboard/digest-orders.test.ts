import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findArchivePage } from '../../../src/digests/archive/pages.js';
import { listDigests } from '../../../src/digests/reads.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import { updatePublication } from '../../../src/publications/change-publication.js';
import type { Publication } from '../../../src/publications/publication.js';
import { describePlan } from '../../support/deliveries.js';
import { addArticles, addReader, addReaders, readerAddresses } from '../../support/fixtures.js';
import {
  addOperator,
  enterDashboard,
  newFormKey,
  readDashboardPage,
} from '../../support/operator-session.js';
import { open, post } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

const DESK = '/operator/publications/lantern';

beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T09:00:00Z') });
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
  cookie = await enterDashboard(testApp);
  for (const cadence of ['instant', 'daily', 'weekly', 'monthly'] as const)
    await addReader(testApp, publication, `${cadence}@example.com`, { cadence, watermark: 0 });
  await addReader(testApp, publication, 'paused@example.com', { cadence: 'daily', status: 'paused' });
});
afterEach(() => testApp.close());

const page = (path: string) => readDashboardPage(testApp, `/publications/lantern${path}`, cookie);
const press = (path: string, fields: Record<string, string>, as = cookie) =>
  post(`${testApp.url}${DESK}${path}`, fields, { cookie: as });
const order = (fields: Record<string, string> = {}) =>
  press('/digests', { ...newFormKey(), when: 'now', ...fields });
const digests = () => listDigests(testApp.context.db, publication.id, 10);

async function digestOf(answer: Response): Promise<string> {
  expect(answer.status).toBe(303);
  const location = answer.headers.get('location') ?? '';
  return /digests\/([\w-]{36})/.exec(location)?.[1] ?? location;
}

test('new articles go at once to who gets each and to daily readers; a box adds the others, by number', async () => {
  await addArticles(testApp, publication, 'Harbour');
  await testApp.context.db.run(sql`delete from outbox`);
  const shown = await page('/digests/new');
  expect(shown).toContain('2 = 1 each article + 1 daily; not 1 paused.');
  expect(shown).toContain('Also the 1 weekly and 1 monthly readers, 4 in all');
  expect(shown).toContain('Send to 2 readers');
  expect(shown).toContain('Harbour');

  const id = await digestOf(await order());
  expect(await page(`/digests/${id}?done=ordered`)).toContain('The digest is on its way.');
  await testApp.runDueJobs();
  expect(await describePlan(testApp)).toEqual([
    'daily@example.com operator : Harbour',
    'instant@example.com operator : Harbour',
  ]);
  expect(await page('/digests/new')).toContain('None of them has anything new to read.');

  await digestOf(await order({ others: 'on' }));
  await testApp.runDueJobs();
  expect((await describePlan(testApp)).slice(2)).toEqual([
    'monthly@example.com operator : Harbour',
    'weekly@example.com operator : Harbour',
  ]);
  for (const digest of await digests())
    expect((await findArchivePage(testApp.context, publication.id, digest.id)).kind).toBe('digest');
});
test('where nobody is due anything no button sends to nobody, and a later time can be chosen', async () => {
  await testApp.context.db.run(sql`update subscriptions set cadence = 'daily'`);
  const shown = await page('/digests/new');
  expect(shown).toContain('Nobody is due anything now, so there is nothing to send.');
  expect(shown).not.toContain('Send to 0');
  expect(shown).toContain('Send then');
});

test('a form that is sent twice, at the same moment or later, and whatever it says then, orders one digest', async () => {
  await addArticles(testApp, publication, 'Harbour');
  const form = { ...newFormKey(), when: 'now' };
  const answers = await Promise.all([1, 2, 3].map(() => press('/digests', form)));
  const ids = await Promise.all(answers.map(digestOf));
  expect(new Set(ids).size).toBe(1);
  expect(await digestOf(await press('/digests', { ...form, others: 'on' }))).toBe(ids[0]);
  expect(await digests()).toHaveLength(1);

  const { id } = await addOperator(testApp, 'ed@lantern.example', 'editor');
  const other = await digestOf(
    await press('/digests', { ...form, others: 'on' }, await enterDashboard(testApp, id)),
  );
  expect(other).not.toBe(ids[0]);
});

test('a form without a key sends nothing, and says so', async () => {
  await addArticles(testApp, publication, 'Harbour');
  for (const fields of [{}, { key: 'x' }, { key: '' }] as Record<string, string>[]) {
    const answer = await press('/digests', { when: 'now', ...fields });
    expect(answer.headers.get('location')).toBe(`${DESK}/digests/new?done=no-key`);
  }
  expect(await page('/digests/new?done=no-key')).toContain(
    'Nothing was sent: the form came from an older page.',
  );
  expect(await digests()).toEqual([]);
});

test('an order waits for its time, which is read in the newsletter’s zone, and can be moved, held and let go', async () => {
  await addArticles(testApp, publication, 'Harbour');
  await testApp.context.db.run(sql`delete from outbox`);
  const id = await digestOf(await order({ when: 'later', at: '2026-11-22T14:00' }));
  expect(await page(`/digests/${id}`)).toContain('Goes Sunday 22 November, 14:00 (East Africa Time).');
  expect(await page('/digests')).toMatch(
    /A digest by hand Nobody has been mailed it yet 22 November 2026, 14:00 .* Goes/,
  );

  const path = `/digests/${id}`;
  expect((await press(`${path}/reschedule`, { ...newFormKey(), at: '2026-11-22T15:30' })).status).toBe(303);
  testApp.advanceClock(2 * HOUR_MS);
  expect(await testApp.runDueJobs()).toEqual(['plan-digest']);
  expect(await describePlan(testApp)).toEqual([]);

  await press(`${path}/hold`, {});
  expect(await page(path)).toContain('Held: nobody has been mailed anything. An operator held it.');
  testApp.advanceClock(HOUR_MS);
  await testApp.runDueJobs();
  expect(await describePlan(testApp)).toEqual([]);

  await press(`${path}/approve`, newFormKey());
  await testApp.runDueJobs();
  expect(await describePlan(testApp)).toHaveLength(2);
  expect(await page(path)).toMatch(/Sent to all it was for so far: 2 of 2 accepted|Complete\./);
  const late = await press(`${path}/reschedule`, { ...newFormKey(), at: '2026-11-23T15:30' });
  expect(late.headers.get('location')).toContain('done=reschedule-refused');
  expect(await page(`${path}?done=reschedule-refused`)).toContain(
    'Only a digest that was ordered and has not begun can go at another time.',
  );
});

test.each([
  ['', 'choose a date and a time of day'],
  ['tomorrow', 'choose a date and a time of day'],
  ['2026-02-30T10:00', 'choose a date and a time of day'],
  ['2026-11-22T11:00', '22 November 2026, 11:00 (East Africa Time) is over.'],
  ['2028-01-01T10:00', 'is more than a year ahead'],
])('a time that cannot be used, %p, is shown again with what is wrong', async (at, mistake) => {
  const id = await digestOf(await order({ when: 'later', at: '2026-11-22T14:00' }));
  for (const [path, fields] of [
    ['/digests', { when: 'later', others: 'on' }],
    [`/digests/${id}/reschedule`, {}],
  ] as const) {
    const answer = await press(path, { ...newFormKey(), ...fields, at });
    expect([path, answer.status]).toEqual([path, 422]);
    const html = await answer.text();
    expect(html).toContain(mistake);
    expect(html).toContain(`name="at" value="${at}" required aria-describedby="at-help at-mistake"`);
    expect(html.includes('name="others" value="on" checked')).toBe(path === '/digests');
  }
  expect(await digests()).toHaveLength(1);
});

test('without a postal address nobody is mailed, and the page says what to do', async () => {
  await addReaders(testApp, publication, readerAddresses(1), { cadence: 'daily', watermark: 0 });
  await addArticles(testApp, publication, 'Harbour');
  await updatePublication(testApp.context, publication.id, { postalAddress: null });
  const shown = await (await open(`${testApp.url}${DESK}/digests/new`, { cookie })).text();
  expect(shown).toContain('The newsletter has no postal address.');
  expect(shown).not.toContain(`action="${DESK}/digests"`);
  const answer = await order();
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain('Nothing was sent: the newsletter has no postal address');
  expect(await digests()).toEqual([]);
});

test('a viewer reads the pages and is shown no button', async () => {
  await addArticles(testApp, publication, 'Harbour');
  const id = await digestOf(await order({ when: 'later', at: '2026-11-22T14:00' }));
  const { id: viewerId } = await addOperator(testApp, 'eve@lantern.example', 'viewer');
  const viewer = await enterDashboard(testApp, viewerId);
  for (const path of ['/digests', '/digests/new', `/digests/${id}`]) {
    const html = await (await open(`${testApp.url}${DESK}${path}`, { cookie: viewer })).text();
    const main = /<main.*<\/main>/s.exec(html)?.[0] ?? '';
    expect([path, main.includes('<form'), main.includes('<h1>')]).toEqual([path, false, true]);
  }
  expect((await press('/digests', newFormKey(), viewer)).status).toBe(403);
});

test('digests are listed in pages, the newest first, each with what became of it', async () => {
  expect(await page('/digests')).toContain(
    'Nothing mailed yet. The first goes out Monday 23 November, 07:00 (East Africa Time) if an article appears.',
  );
  for (let count = 0; count < 27; count++) await order({ when: 'later', at: '2026-11-23T14:00' });
  const html = await (await open(`${testApp.url}${DESK}/digests`, { cookie })).text();
  const ids = (text: string) => [...text.matchAll(/digests\/([\w-]{36})"/g)].map(([, id]) => id);
  const [first, next] = [ids(html), /digests\?before=([\w-]{36})/.exec(html)?.[1]];
  expect(first).toHaveLength(25);
  const older = await (await open(`${testApp.url}${DESK}/digests?before=${next}`, { cookie })).text();
  expect(new Set([...first, ...ids(older)]).size).toBe(27);
  expect(older).toContain('>Newest</a>');
  for (const odd of ['?before=x', '?before[]=1'])
    expect((await open(`${testApp.url}${DESK}/digests${odd}`, { cookie })).status).toBe(200);
});

test('a rhythm’s digest says whose hours are still to come, and hold stops those', async () => {
  await addReader(testApp, publication, 'lisbon@example.com', {
    cadence: 'daily',
    timezone: 'Europe/Lisbon',
    hour: 18,
    watermark: 0,
  });
  await addArticles(testApp, publication, 'Harbour');
  await testApp.context.db.run(sql`
    update subscriptions set next_due_at = ${testApp.context.now()} where cadence = 'daily' and timezone = 'Africa/Nairobi'
  `);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  const [digest] = (await digests()).filter(({ cadence }) => cadence === 'daily');
  const path = `/digests/${digest?.id}`;
  const shown = await page(path);
  expect(shown).toContain(
    '1 mailed; one reader’s hour is still to come, at 21:00 (East Africa Time). Hold stops those not yet mailed.',
  );
  expect(shown).toContain('Hold');
  await press(`${path}/pause`, {});
  testApp.advanceClock(10 * HOUR_MS);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to)).not.toContain('lisbon@example.com');
  await press(`${path}/resume`, newFormKey());
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to)).toContain('lisbon@example.com');
});
