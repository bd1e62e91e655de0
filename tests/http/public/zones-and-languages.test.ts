import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { manageUrl, unsubscribeUrl } from '../../../src/deliveries/mail-urls.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { findPublication } from '../../../src/publications/reads.js';
import { addArticles, addReader, reloadReader } from '../../support/fixtures.js';
import {
  lastMail,
  linkIn,
  open,
  post,
  readMails,
  requestConfirmLink,
  subscriptionOf,
} from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { REFUSED_ALIASES } from '../../support/time-zone-aliases.js';
import { openTestApi, type Call } from '../api/client.js';

let testApp: TestApp;
let publication: Publication;
let call: Call;
let count = 0;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
  call = await (await openTestApi(testApp)).program('read', 'write');
});
afterAll(() => testApp.close());

const newAddress = () => `reader-${(count += 1)}@example.com`;
const filledIn = { choices: 'yes', cadence: 'daily', hour: '7', weekday: '1', dayOfMonth: '1' };

test('a form with a zone that dates cannot be computed in is confirmed in the newsletter’s, and the page asks', async () => {
  for (const timezone of [...REFUSED_ALIASES, 'ist', 'Mars/Base', '+03:00', 'America/New_Town']) {
    const email = newAddress();
    const link = await requestConfirmLink(testApp, email, { timezone });
    const page = await (await open(link)).text();
    expect([timezone, page.includes('data-guessed')]).toEqual([timezone, true]);
    expect([timezone, (await post(link)).status]).toEqual([timezone, 303]);
    expect(await subscriptionOf(testApp, email)).toMatchObject({
      status: 'confirmed',
      timezone: 'Africa/Nairobi',
    });
    expect((await open(link)).status).toBe(200);
  }
  await testApp.runDueJobs();
});

test('a zone by an old name, or in other letters, is stored by its name of today from every way in', async () => {
  const email = newAddress();
  const link = await requestConfirmLink(testApp, email, { timezone: 'asia/CALCUTTA' });
  await post(link);
  expect((await subscriptionOf(testApp, email)).timezone).toBe('Asia/Kolkata');
  const { id } = await subscriptionOf(testApp, email);
  const settings = manageUrl(testApp.context, await reloadReader(testApp, { id }));
  await post(`${settings}/choices`, { ...filledIn, timezone: 'US/Eastern' });
  expect((await subscriptionOf(testApp, email)).timezone).toBe('America/New_York');
  const patched = await call('PATCH', `/subscriptions/${id}`, { timezone: 'Europe/Kiev' });
  expect(patched.body).toMatchObject({ timezone: 'Europe/Kyiv' });
  const other = await testApp.createPublication({ slug: 'zones', name: 'Zones' });
  const changed = await call('PATCH', '/publications/zones', { timezone: 'pacific/truk', locale: 'pt_br' });
  expect(changed.body).toMatchObject({ timezone: 'Pacific/Chuuk', locale: 'pt-BR' });
  expect(await findPublication(testApp.context.db, other.id)).toMatchObject({ timezone: 'Pacific/Chuuk' });
  await testApp.runDueJobs();
});

test('settings pages, programs and publications refuse a zone that dates cannot be computed in', async () => {
  const reader = await addReader(testApp, publication, newAddress());
  const settings = manageUrl(testApp.context, reader);
  for (const timezone of REFUSED_ALIASES) {
    const saved = await post(`${settings}/choices`, { ...filledIn, timezone });
    const patched = await call('PATCH', `/subscriptions/${reader.id}`, { timezone });
    const asked = { publication: 'lantern', email: newAddress(), timezone };
    const made = await call('POST', '/subscriptions', asked);
    const changed = await call('PATCH', '/publications/lantern', { timezone });
    const statuses = [saved.status, patched.status, made.status, changed.status];
    expect([timezone, statuses]).toEqual([timezone, [422, 422, 422, 422]]);
  }
  expect(await reloadReader(testApp, reader)).toEqual(reader);
});

test('a stored zone that this runtime does not know is UTC on her pages, and she can pause and save', async () => {
  for (const timezone of ['IST', 'Mars/Base', 'America/New_Town']) {
    const reader = await addReader(testApp, publication, newAddress(), { timezone });
    const settings = manageUrl(testApp.context, reader);
    expect(await (await open(settings)).text()).toMatch(/<option value="UTC"[^>]* selected>/);
    for (const [form, fields] of Object.entries({
      pause: { length: 'week' },
      resume: {},
      choices: { ...filledIn, cadence: 'weekly', timezone: 'Europe/Berlin' },
    }))
      expect([timezone, form, (await post(`${settings}/${form}`, fields)).status]).toEqual([
        timezone,
        form,
        303,
      ]);
    expect(await reloadReader(testApp, reader)).toMatchObject({
      status: 'confirmed',
      cadence: 'weekly',
      timezone: 'Europe/Berlin',
    });
  }
  await testApp.runDueJobs();
});

test('a newsletter whose stored zone this runtime does not know still takes, confirms and mails readers', async () => {
  const { id } = await testApp.createPublication({ slug: 'mars', name: 'Mars', defaultCadence: 'daily' });
  await testApp.context.db.run(sql`update publications set timezone = 'IST' where id = ${id}`);
  const email = newAddress();
  expect((await open(`${testApp.url}/mars`)).status).toBe(200);
  const link = await requestConfirmLink(testApp, email, { slug: 'mars' });
  expect((await open(link)).status).toBe(200);
  expect((await post(link)).status).toBe(303);
  expect((await open(link)).status).toBe(200);
  expect(await subscriptionOf(testApp, email)).toMatchObject({ status: 'confirmed' });
  await testApp.runDueJobs();
});

const odd = [
  'en-a1',
  'pt-PT-ao90',
  'pt_PT_ao90',
  'de_DE',
  'de_DE_formal',
  'EN',
  'zh-Hans-CN-x-private',
  'sr_RS@latin',
];
const languages = [
  ...odd,
  `sw-${'abcdefgh-'.repeat(8)}x`,
  `en-${'a-'.repeat(200)}b`,
  '<b>',
  'x-y',
  '-',
  '__proto__',
];

test.each(languages)(
  'a reader whose form says %s confirms, reads her settings and is mailed',
  async (locale) => {
    const email = newAddress();
    const link = await requestConfirmLink(testApp, email, { locale });
    const page = await open(link);
    expect(page.status).toBe(200);
    expect((await post(link)).status).toBe(303);
    await testApp.runDueJobs();
    const reader = await reloadReader(testApp, await subscriptionOf(testApp, email));
    expect(Intl.getCanonicalLocales(reader.locale)).toEqual([reader.locale]);
    expect((await open(manageUrl(testApp.context, reader))).status).toBe(200);
    expect((await open(link)).status).toBe(200);
  },
);

test.each(languages)(
  'a stored language %s, from before such were refused, breaks no page',
  async (locale) => {
    const reader = await addReader(testApp, publication, newAddress(), { locale });
    expect((await open(manageUrl(testApp.context, reader))).status).toBe(200);
  },
);

test('programs may write a language as WordPress does; what does not begin with one is refused', async () => {
  const reader = await addReader(testApp, publication, newAddress());
  for (const [given, stored] of [
    ['pt_PT_ao90', 'pt-PT'],
    ['sw_KE', 'sw-KE'],
    ['en-a1', 'en'],
  ])
    expect((await call('PATCH', `/subscriptions/${reader.id}`, { locale: given })).body).toMatchObject({
      locale: stored,
    });
  for (const locale of ['', 'C', '<b>', 'x-y', 'e'.repeat(9)])
    expect([locale, (await call('PATCH', `/subscriptions/${reader.id}`, { locale })).status]).toEqual([
      locale,
      422,
    ]);
});

test('a reader whose language we lack gets the newsletter’s on every page and in every mail, digests too', async () => {
  const own = { slug: 'mwezi', name: 'Mwezi', locale: 'sw', defaultCadence: 'daily' } as const;
  const swahili = await testApp.createPublication(own);
  const email = newAddress();
  const languages: string[] = [];
  const look = (html: string) =>
    languages.push(...(/<html[^>]* lang="?([\w-]+)/.exec(html)?.slice(1) ?? [html.slice(0, 60)]));
  const lookAt = async (answer: Response | Promise<Response>) => look(await (await answer).text());
  const form = { email, locale: 'ha' };
  await lookAt(
    await open(
      `${testApp.url}${(await post(`${testApp.url}/mwezi/subscriptions`, form)).headers.get('location')}`,
    ),
  );
  await testApp.runDueJobs();
  const link = linkIn(await lastMail(testApp, email), 'confirm');
  await lookAt(open(link));
  await post(link);
  await lookAt(open(link));
  await addArticles(testApp, swahili, 'Mwezi mpya');
  await testApp.runDueJobs();
  const sent = await sendOperatorDigest(testApp.context, swahili.id);
  expect(sent.kind).toBe('sending');
  await testApp.runDueJobs();
  const { id } = await subscriptionOf(testApp, email);
  expect((await subscriptionOf(testApp, email)).locale).toBe('ha');
  const settings = manageUrl(testApp.context, await reloadReader(testApp, { id }));
  await lookAt(open(settings));
  await lookAt(post(`${settings}/pause`, { length: 'date', until: '' }));
  await lookAt(open(unsubscribeUrl(testApp.context, await reloadReader(testApp, { id }))));
  const mails = (await readMails(testApp)).filter(({ to }) => to === email);
  expect(mails.map(({ subject }) => subject)).toContain('Mwezi mpya');
  for (const { html } of mails) look(html);
  expect(languages.length).toBeGreaterThanOrEqual(9);
  expect(new Set(languages)).toEqual(new Set(['sw']));
});
