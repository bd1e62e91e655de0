import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { suppressAddress } from '../../../../src/subscribers/suppression/operator-changes.js';
import { eraseSubscription } from '../../../../src/subscribers/erase/erase.js';
import { maskedHtml } from '../../../support/masked-address.js';
import { addReader, addReaders, readerAddresses } from '../../../support/fixtures.js';
import { createConfirmedReader, open } from '../../../support/reader-actions.js';
import { addOperator, enterDashboard, mainText } from '../../../support/operator-session.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let cookie: string;
let viewer: string;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ topics: ['Sea', 'Sky'], timezone: 'Africa/Nairobi' });
  cookie = await enterDashboard(testApp);
  viewer = await enterDashboard(testApp, (await addOperator(testApp, 'looks@lantern.example', 'viewer')).id);
});
afterAll(() => testApp.close());

const html = async (path = '', as = cookie) =>
  (await open(`${testApp.url}/operator/publications/lantern/readers${path}`, { cookie: as })).text();
const words = async (path = '', as = cookie) => mainText(await html(path, as));
const addressesIn = (page: string) =>
  [...page.matchAll(/<th scope="row">(?:<a[^>]*>)?([^<]+)<\//g)].map(([, address]) => address);
const listed = async (query: string) => addressesIn(await html(`?${query}`));

test('a newsletter without readers says how it gets some, and lists of nobody say what they are for', async () => {
  expect(await words()).toContain('No readers yet. Put the form on your site.');
  expect(await words('/waiting')).toContain('Nobody waits');
  expect(await words('/do-not-mail')).toContain(
    'Nobody. Bounced and blocked addresses appear here by themselves.',
  );
});

test('readers are found by part of an address and by each filter, and the page says how many there are', async () => {
  await addReader(testApp, publication, 'Ada.Quay@Example.com', { cadence: 'weekly', topics: ['sea'] });
  testApp.advanceClock(DAY_MS);
  await addReader(testApp, publication, 'bo_100%@harbour.example', { status: 'paused', locale: 'sw' });
  await addReader(testApp, publication, 'cleo@harbour.example', { status: 'unsubscribed' });
  await addReader(testApp, publication, 'waits@harbour.example', { status: 'pending' });
  await createConfirmedReader(testApp, 'from.form@example.com', {
    source: 'https://lantern.example/tides?utm=1#form',
  });
  await testApp.context.db.run(sql`
    update listed_readers set mailed_month = 2020 * 12 where email_key = 'ada.quay@example.com'
  `);
  await testApp.context.db.run(sql`
    update listed_readers set bounced_at = joined_at where email_key = 'cleo@harbour.example'
  `);
  const page = await html();
  expect(addressesIn(page).toSorted()).toEqual([
    'Ada.Quay@Example.com',
    'bo_100%@harbour.example',
    'cleo@harbour.example',
    'from.form@example.com',
  ]);
  expect(mainText(page)).toContain('4 readers');
  expect(await listed('q=QUAY')).toEqual(['Ada.Quay@Example.com']);
  expect(await listed('q=0%25')).toEqual([]);
  expect(await listed('q=_100%25%40')).toEqual(['bo_100%@harbour.example']);
  expect(await listed('q=c')).toEqual(['cleo@harbour.example']);
  expect(await words('?q=c')).toContain('One or two letters find the addresses that begin with them');
  expect(await listed('state=paused')).toEqual(['bo_100%@harbour.example']);
  expect(await listed('state=left&q=harb')).toEqual(['cleo@harbour.example']);
  expect(await listed('state=waiting')).toEqual(['waits@harbour.example']);
  expect(addressesIn(await html('/waiting'))).toEqual(['waits@harbour.example']);
  expect(await listed('rhythm=weekly')).toEqual(['Ada.Quay@Example.com']);
  expect(await listed('topic=Sea')).toEqual(['Ada.Quay@Example.com']);
  expect(await listed('topic=Sky')).toEqual([]);
  expect(await listed('language=sw')).toEqual(['bo_100%@harbour.example']);
  expect(await listed(`form=${encodeURIComponent('https://lantern.example/tides')}`)).toEqual([
    'from.form@example.com',
  ]);
  expect(await listed('bounced=yes')).toEqual(['cleo@harbour.example']);
  expect(await listed('mailed=12')).toEqual(['Ada.Quay@Example.com']);
  expect(await listed('mailed=never&state=reading')).toEqual(['from.form@example.com']);
  expect(await listed('mailed=lately')).toEqual([]);
  const day = testApp.context.now().toISOString().slice(0, 10);
  expect(
    await listed(`to=${new Date(testApp.context.now().getTime() - DAY_MS).toISOString().slice(0, 10)}`),
  ).toEqual(['Ada.Quay@Example.com']);
  expect(await listed(`from=${day}&state=reading`)).toEqual(['from.form@example.com']);
  expect(await words('?from=2026-02-31')).toContain('This is no date, so it is left out.');
  expect(await words('?q=nobody-at-all')).toContain('0 readers Nobody fits. Show all');
  expect(await words('?state=nonsense&after=nonsense')).toContain('4 readers');
});

test('a viewer sees addresses masked, also for the ear, and finds nobody by what is masked', async () => {
  const page = await html('', viewer);
  expect(page).toContain(maskedHtml('A', 'Example.com'));
  for (const hidden of ['Ada.Quay', 'cleo', 'bo_100', 'from.form']) {
    expect(page).not.toContain(hidden);
    expect(await words(`?q=${hidden}`, viewer)).toContain('Nobody fits');
  }
  expect(await words('?q=cleo%40harbour.example', viewer)).toContain('2 readers');
  expect(await words('?q=harbour', viewer)).toContain('2 readers');
  expect(await words('?q=harbour', viewer)).toContain('You see addresses masked');
});

test('who was erased is on no list, and readers of another newsletter are not either', async () => {
  const { context } = testApp;
  const other = await testApp.createPublication({ slug: 'other', name: 'Other' });
  const gone = await addReader(testApp, publication, 'gone@harbour.example');
  await addReader(testApp, other, 'elsewhere@harbour.example');
  expect(await listed('q=gone')).toEqual(['gone@harbour.example']);
  await eraseSubscription(context, gone.id);
  expect(await listed('q=gone')).toEqual([]);
  expect(await listed('q=elsewhere')).toEqual([]);
  expect(await words('?q=erased')).toContain('Nobody fits');
  const page = await words('/do-not-mail');
  expect(page).toContain('Its reader was erased: only she can sign up again');
  const note = 'Asked by letter';
  await suppressAddress(context, { emailKey: 'letter@harbour.example', publicationId: publication.id, note });
  expect(await words('/do-not-mail')).toContain('An operator put it there Asked by letter');
  expect(await words('/do-not-mail')).not.toContain('letter@harbour.example');
});

test('pages follow each other both ways, also where many joined in the same moment', async () => {
  await addReaders(testApp, publication, readerAddresses(120), { cadence: 'monthly' });
  const seen: string[][] = [];
  let query: string | undefined = 'q=reader-&rhythm=monthly';
  let page = '';
  while (query !== undefined) {
    page = await html(`?${query}`);
    seen.push(addressesIn(page) as string[]);
    query = linkOf(page, 'Older');
  }
  expect(seen.map((one) => one.length)).toEqual([50, 50, 20]);
  expect(new Set(seen.flat()).size).toBe(120);
  const back = await html(`?${linkOf(page, 'Newer')}`);
  expect(addressesIn(back)).toEqual(seen[1]);
  const first = await html(`?${linkOf(back, 'Newer')}`);
  expect(addressesIn(first)).toEqual(seen[0]);
  expect(linkOf(first, 'Newer')).toBeUndefined();
  expect(linkOf(first, 'Older')).toBeDefined();
});

function linkOf(page: string, label: string): string | undefined {
  return new RegExp(`href="[^"?]*\\?([^"]*)">${label}</a>`).exec(page)?.[1]?.replaceAll('&amp;', '&');
}
