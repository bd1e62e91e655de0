import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Publication } from '../../../../src/publications/publication.js';
import { openBrowser } from '../../../support/browser.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { requestConfirmLink, open, post, subscriptionOf } from '../../../support/reader-actions.js';
import { updatePublication } from '../../../../src/publications/change-publication.js';
import { describeInChromium } from '../../../support/chromium-tests.js';

let testApp: TestApp;
let publication: Publication;
let number = 0;

beforeAll(async () => {
  // Sunday 22 November 2026, 12:00 in Nairobi.
  testApp = await openTestApp();
  publication = await testApp.createPublication({
    defaultCadence: 'daily',
    topics: ['Harbour', 'Town & Country', 'Weather'],
  });
});

afterAll(() => testApp.close());

/** A new reader each time, who was sent a confirmation. */
async function asked(fields: Record<string, string> = {}): Promise<{ email: string; link: string }> {
  const email = `reader-${(number += 1)}@example.com`;
  return { email, link: await requestConfirmLink(testApp, email, fields) };
}

const filledIn = {
  choices: 'yes',
  cadence: 'daily',
  hour: '7',
  weekday: '1',
  dayOfMonth: '1',
  timezone: 'Africa/Nairobi',
};

describe('what she chooses on the confirm page', () => {
  test.each([
    ['instant', {}, null, 'as soon as something new is published'],
    ['daily', { hour: '13' }, '2026-11-22T10:00:00.000Z', 'on Sunday 22 November, 13:00 (East Africa Time)'],
    ['daily', { hour: '12' }, '2026-11-23T09:00:00.000Z', 'on Monday 23 November, 12:00 (East Africa Time)'],
    [
      'daily',
      { hour: '0', timezone: 'America/St_Johns' },
      '2026-11-23T03:30:00.000Z',
      'on Monday 23 November, 00:00 (Newfoundland Standard Time)',
    ],
    [
      'daily',
      { hour: '23', timezone: 'Pacific/Kiritimati' },
      '2026-11-23T09:00:00.000Z',
      'on Monday 23 November, 23:00 (Line Islands Time)',
    ],
    [
      'weekly',
      { weekday: '7', hour: '11' },
      '2026-11-29T08:00:00.000Z',
      'on Sunday 29 November, 11:00 (East Africa Time)',
    ],
    [
      'weekly',
      { weekday: '3', timezone: 'Asia/Kathmandu' },
      '2026-11-25T01:15:00.000Z',
      'on Wednesday 25 November, 07:00 (Nepal Time)',
    ],
    [
      'monthly',
      { dayOfMonth: '31', timezone: 'Europe/Berlin' },
      '2026-11-30T06:00:00.000Z',
      'on Monday 30 November, 07:00 (Central European Standard Time)',
    ],
    [
      'monthly',
      { dayOfMonth: '22', hour: '3' },
      '2026-12-22T00:00:00.000Z',
      'on Tuesday 22 December, 03:00 (East Africa Time)',
    ],
  ] as const)('%s %j is kept, and her first digest comes at %s', async (cadence, fields, due, words) => {
    const { email, link } = await asked();
    const answer = await post(link, { ...filledIn, cadence, ...fields });
    expect(answer.status).toBe(303);
    const reader = await subscriptionOf(testApp, email);
    const chosen = { ...filledIn, ...fields };
    expect(reader).toMatchObject({
      status: 'confirmed',
      cadence,
      hour: Number(chosen.hour),
      weekday: Number(chosen.weekday),
      dayOfMonth: Number(chosen.dayOfMonth),
      timezone: chosen.timezone,
      topics: [],
    });
    expect(reader.nextDueAt?.toISOString() ?? null).toBe(due);
    expect(await (await open(link)).text()).toContain(`Your first email from The Lantern comes ${words}`);
    await testApp.runDueJobs();
  });

  test('topics are the publication’s own; none ticked is every article', async () => {
    const kept: [string, string[]][] = [
      ['topics=Harbour&topics=Weather', ['Harbour', 'Weather']],
      ['topics=Weather&topics=Harbour&topics=Weather', ['Harbour', 'Weather']],
      [`topics=${encodeURIComponent('Town & Country')}`, ['Town & Country']],
      ['topics=Harbour&topics=Elsewhere', ['Harbour']],
      ['topics=harbour', []],
      ['topics=', []],
      ['', []],
    ];
    for (const [body, topics] of kept) {
      const { email, link } = await asked({ topics: 'Harbour' });
      expect((await post(link, `choices=yes&${body}`)).status).toBe(303);
      expect([body, (await subscriptionOf(testApp, email)).topics]).toEqual([body, topics]);
    }
    await testApp.runDueJobs();
  });

  test('the page offers what she chose in the form, and its button keeps that', async () => {
    const wish = { cadence: 'weekly', topics: 'Weather', timezone: 'Europe/Lisbon' };
    const { email, link } = await asked(wish);
    const page = await (await open(link)).text();
    expect(page).toMatch(/value="weekly" checked/);
    expect(page).toMatch(/value="Europe\/Lisbon" selected/);
    expect(page).toMatch(/value="Weather" checked/);
    expect(page).not.toMatch(/value="Harbour" checked|data-guessed|time-zone-/);
    expect((await post(link)).status).toBe(303);
    expect(await subscriptionOf(testApp, email)).toMatchObject({
      cadence: 'weekly',
      topics: ['Weather'],
      timezone: 'Europe/Lisbon',
      hour: 7,
    });
    await testApp.runDueJobs();
  });

  test('without a choice it offers the publication’s defaults, and says that the zone is a guess', async () => {
    const { link } = await asked();
    const page = await (await open(link)).text();
    expect(page).toMatch(/value="daily" checked/);
    expect(page).toMatch(/value="Africa\/Nairobi" selected>Nairobi \(UTC\+3\)</);
    expect(page).toContain('data-guessed');
    expect(page).toContain('Town &amp; Country');
    expect(page.match(/<option value="\w+\/[^"]*"/g)?.length).toBeGreaterThan(300);
  });

  test('time zones have their current names, each once, also where hers has an old one', async () => {
    const chosen: [string, string][] = [
      ['Asia/Katmandu', 'Asia/Kathmandu'],
      ['Asia/Kathmandu', 'Asia/Kathmandu'],
      ['Asia/Calcutta', 'Asia/Kolkata'],
      ['Europe/Kyiv', 'Europe/Kyiv'],
      ['US/Eastern', 'America/New_York'],
      ['UTC', 'UTC'],
    ];
    for (const [timezone, current] of chosen) {
      const page = await (await open((await asked({ timezone })).link)).text();
      const zones = [...page.matchAll(/<option value="([^"]+)"[^>]*>[^<]+ \(UTC[^)]*\)</g)].map(
        ([, name]) => name,
      );
      expect([timezone, new Set(zones).size]).toEqual([timezone, zones.length]);
      expect(page).toMatch(new RegExp(`<option value="${current}"[^>]* selected>`));
      const places = 'Calcutta|Kiev|Saigon|Rangoon|Katmandu|Godthab|Faeroe|Truk|Ponape|Asmera';
      expect(zones.filter((name) => new RegExp(places).test(name ?? ''))).toEqual([]);
      expect(page).toMatch(/value="Asia\/Kathmandu"[^>]*>Kathmandu \(UTC\+5:45\)/);
      expect(page).toContain('>Dumont d’Urville (UTC+10)<');
    }
    const { email, link } = await asked();
    await post(link, { ...filledIn, timezone: 'Asia/Kolkata' });
    expect((await subscriptionOf(testApp, email)).timezone).toBe('Asia/Kolkata');
  });

  test('a topic that was removed meanwhile is not stored', async () => {
    const { email, link } = await asked({ topics: 'Weather' });
    await updatePublication(testApp.context, publication.id, { topics: ['Harbour'] });
    await post(link, { ...filledIn, topics: 'Weather' });
    await updatePublication(testApp.context, publication.id, { topics: publication.topics });
    expect((await subscriptionOf(testApp, email)).topics).toEqual([]);
    await testApp.runDueJobs();
  });
});

test.each([
  ['cadence=hourly'],
  ['cadence='],
  ['cadence=daily&cadence=weekly'],
  ['cadence[]=daily&cadence=constructor'],
  ['hour=24'],
  ['hour=-1'],
  ['hour='],
  ['hour=7.5'],
  ['hour=007'],
  ['hour=٧'],
  ['hour=7%00'],
  ['hour=7&hour=8'],
  ['weekday=0'],
  ['weekday=8'],
  ['dayOfMonth=0'],
  ['dayOfMonth=32'],
  ['timezone=Mars/Base'],
  ['timezone=%2B03:00'],
  ['timezone='],
  ['timezone=Africa/Nairobi%0d%0aX: y'],
  [`timezone=${'A/'.repeat(40)}`],
  [`topics=${'x'.repeat(61)}`],
  [Array.from({ length: 31 }, () => 'topics=Harbour').join('&')],
  ['choices=no'],
])('%s is a mistake: the page is shown again with her choices, and nothing is stored', async (body) => {
  const { email, link } = await asked({ cadence: 'weekly' });
  const before = await dumpTables(testApp.context.db);
  const answer = await post(link, `choices=yes&${body}`.replace('choices=yes&choices=no', 'choices=no'));
  expect(answer.status).toBe(422);
  const page = await answer.text();
  expect(page).toContain('role="alert"');
  expect(page).toMatch(/value="weekly" checked/);
  expect(page).toContain(`<form action="${new URL(link).pathname}" method="post"`);
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  expect((await subscriptionOf(testApp, email)).status).toBe('pending');
});

test('bodies that are no form are refused or taken as an empty one, and never answered 500', async () => {
  const { email, link } = await asked({ cadence: 'weekly' });
  const large = await post(link, `choices=yes&topics=${'x'.repeat(20_000)}`);
  expect(large.status).toBe(413);
  const charset = await post(link, 'cadence=daily', {
    'content-type': 'application/x-www-form-urlencoded; charset=klingon',
  });
  expect(charset.status).toBe(415);
  expect((await subscriptionOf(testApp, email)).status).toBe('pending');
  const proto = await post(link, '__proto__[cadence]=monthly&constructor=x&status=paused&watermark=9');
  expect(proto.status).toBe(303);
  expect(await subscriptionOf(testApp, email)).toMatchObject({
    status: 'confirmed',
    cadence: 'weekly',
    watermark: 0,
  });
  await testApp.runDueJobs();
});

test('pressing again with other choices saves those', async () => {
  const { email, link } = await asked();
  await post(link, { ...filledIn, cadence: 'weekly' });
  expect((await post(link, { ...filledIn, cadence: 'monthly', topics: 'Harbour' })).status).toBe(303);
  expect(await subscriptionOf(testApp, email)).toMatchObject({ cadence: 'monthly', topics: ['Harbour'] });
  await testApp.runDueJobs();
});

describeInChromium('in a real browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('her own time zone is chosen for her where it was guessed, and not changed where she chose one', async () => {
    const context = await browser.newContext({ timezoneId: 'America/St_Johns' });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.setDefaultTimeout(15_000);
    const zone = page.getByLabel('In your time zone');
    const guessed = await asked();
    await page.goto(guessed.link, { waitUntil: 'networkidle' });
    expect(await zone.inputValue()).toBe('America/St_Johns');
    expect((await subscriptionOf(testApp, guessed.email)).status).toBe('pending');
    await page.getByLabel('Weekly on').check();
    await page.getByText('Hour, time zone and topics').click();
    await page.getByLabel('Weather').check();
    await page.getByRole('button', { name: 'Confirm subscription' }).click();
    await page.getByRole('heading', { level: 1, name: "You're subscribed" }).waitFor();
    expect(await subscriptionOf(testApp, guessed.email)).toMatchObject({
      timezone: 'America/St_Johns',
      cadence: 'weekly',
      topics: ['Weather'],
    });

    const old = await browser.newContext({ timezoneId: 'Asia/Calcutta' });
    const elsewhere = await old.newPage();
    await elsewhere.goto((await asked()).link, { waitUntil: 'networkidle' });
    expect(await elsewhere.getByLabel('In your time zone').inputValue()).toBe('Asia/Kolkata');
    await old.close();

    const wished = await asked({ timezone: 'Europe/Lisbon' });
    await page.goto(wished.link, { waitUntil: 'networkidle' });
    expect(await zone.inputValue()).toBe('Europe/Lisbon');
    expect(errors).toEqual([]);
    await context.close();
  });

  test('the button is on the first screen of a phone; hour, zone and topics unfold without script, and after a mistake', async () => {
    const viewport = { width: 375, height: 812 };
    const context = await browser.newContext({ viewport, javaScriptEnabled: false });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const { email, link } = await asked();
    await page.goto(link);
    const button = page.getByRole('button', { name: 'Confirm subscription' });
    const box = await button.boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(viewport.height);
    const hour = page.getByLabel('At about');
    expect(await hour.isVisible()).toBe(false);
    await page.getByText('Hour, time zone and topics').click();
    await hour.selectOption('13:00');
    await page.getByLabel('Harbour').check();
    await button.click();
    await page.getByRole('heading', { level: 1, name: "You're subscribed" }).waitFor();
    expect(await subscriptionOf(testApp, email)).toMatchObject({ hour: 13, topics: ['Harbour'] });

    const other = await asked();
    const refused = await post(other.link, 'choices=yes&timezone=Mars/Base');
    expect(await refused.text()).toMatch(/<details class="more-choices" open>/);
    await context.close();
  });
});
