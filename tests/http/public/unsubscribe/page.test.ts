import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { eraseSubscription } from '../../../../src/subscribers/erase/erase.js';
import { blockAddress } from '../../../../src/subscribers/suppression/block-address.js';
import type { Subscription } from '../../../../src/subscribers/subscription.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addReader, resetTestApp, reloadReader, type ReaderSettings } from '../../../support/fixtures.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import {
  archive,
  requestConfirmLink,
  createConfirmedReader,
  lastMail,
  readMails,
  open,
  post,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { maskedHtml } from '../../../support/masked-address.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});

/** A confirmed reader and the unsubscribe link of her mails. */
async function reader(
  settings: ReaderSettings = {},
): Promise<{ link: string; id: string; now(): Promise<Subscription> }> {
  const added = await addReader(testApp, publication, 'ada@example.com', settings);
  const token = testApp.context.links.sign('unsubscribe', { scope: publication.id, subject: added.id });
  return {
    link: `${testApp.url}/unsubscribe/${token}`,
    id: added.id,
    now: () => reloadReader(testApp, added),
  };
}

const text = async (link: string) => (await open(link)).text();
const where = (answer: Response) => [answer.status, answer.headers.get('location')];

test('the button comes before the alternatives, and each of those keeps her subscribed', async () => {
  const { link, now } = await reader();
  const page = await text(link);
  const actions = [...page.matchAll(/<form action="[^"]*\/([\w-]+)"/g)].map(([, word]) => word);
  expect(actions.slice(1)).toEqual(['fewer', 'pause']);
  expect(page).toMatch(/Fewer emails instead\?[^]*Either one keeps your subscription/);
  expect(page.indexOf('>Unsubscribe<')).toBeLessThan(page.indexOf('/fewer"'));
  const { pathname } = new URL(link);
  expect(where(await post(`${link}/fewer`))).toEqual([303, `${pathname}?done=fewer`]);
  expect(await now()).toMatchObject({
    status: 'confirmed',
    cadence: 'weekly',
    nextDueAt: new Date('2026-11-23T04:00:00Z'),
  });
  const weekly = await text(`${link}?done=fewer`);
  expect(weekly).toContain('You now get one email a week. The next one comes on Monday 23 November, 07:00');
  expect(weekly).not.toMatch(/\/fewer"|Fewer emails|Either one/);
  expect(weekly).toContain('A break instead?');
  expect(weekly).toContain('A pause keeps your subscription.');
  expect(where(await post(`${link}/pause`))).toEqual([303, `${pathname}?done=pause`]);
  expect(await now()).toMatchObject({ status: 'paused', pausedUntil: new Date('2026-12-21T21:00:00Z') });
  const paused = await text(`${link}?done=pause`);
  expect(paused).toContain('Paused until 22 December 2026');
  expect(paused).not.toMatch(/\/(fewer|pause)"/);
  await post(link);
  expect((await now()).status).toBe('unsubscribed');
});

test('pressed after she has left, the alternatives do not bring her back', async () => {
  const { link, now } = await reader();
  await post(link);
  const before = await now();
  await post(`${link}/fewer`);
  await post(`${link}/pause`);
  expect(await now()).toEqual(before);
  for (const done of ['fewer', 'pause'])
    expect(await text(`${link}?done=${done}`)).not.toMatch(/one email a week|Paused until/);
});

test('her reason is optional, can be changed, is counted anonymously, and is deleted when she undoes it', async () => {
  const { link } = await reader();
  const reasons = () => testApp.context.db.many<{ reason: string }>(sql`select reason from leave_reasons`);
  await post(`${link}/reason`, { reason: 'too-many' });
  expect(await reasons()).toEqual([]);
  await post(link);
  expect(await text(link)).not.toMatch(/checked|Thank you/);
  for (const reason of ['too-many', 'never-asked'])
    expect(where(await post(`${link}/reason`, { reason }))).toEqual([
      303,
      `${new URL(link).pathname}?done=reason`,
    ]);
  for (const body of ['reason=rude', 'reason=', '', 'reason=other&reason=too-many'])
    expect((await post(`${link}/reason`, body)).status).toBe(303);
  expect(await reasons()).toEqual([{ reason: 'never-asked' }]);
  expect(await text(`${link}?done=reason`)).toMatch(/value="never-asked" required checked/);
  await post(`${link}/undo`);
  expect(await reasons()).toEqual([]);
});

test('the link to delete her data is mailed to her, a few times a day', async () => {
  const { link } = await reader();
  await post(link);
  for (let press = 0; press < 3; press++)
    expect((await post(`${link}/data`)).headers.get('location')).toMatch(/\?done=data$/);
  expect((await post(`${link}/data`)).headers.get('location')).toMatch(/\?done=data-later$/);
  await testApp.runDueJobs();
  const subjects = (await readMails(testApp)).map(({ subject }) => subject);
  expect(subjects).toEqual([
    "You're unsubscribed from The Lantern",
    ...Array<string>(3).fill('Your settings for The Lantern'),
  ]);
  const own = (await lastMail(testApp)).links.find((each) => each.includes('/manage/')) ?? '';
  const page = await text(own);
  expect(page).toContain('was unsubscribed on 22 November 2026');
  expect(page).toMatch(/\/erase"/);
});

test('a reader who is blocked is told whom to write to, because no link may be mailed to her', async () => {
  const { link, id } = await reader();
  await blockAddress(testApp.context, id);
  const answer = await post(`${link}/data`);
  expect(where(answer)).toEqual([303, new URL(link).pathname]);
  const page = await text(link);
  expect(page).not.toContain('/data"');
  expect(page).toContain(`We do not write to ${maskedHtml('a', 'example.com')} any more`);
  expect(page).toContain('<a href="mailto:help@lantern.example">');
  expect(await testApp.runDueJobs()).toEqual([]);
});

test('no page behind an unsubscribe link shows her settings link or her address: old mails are in many hands', async () => {
  const { link } = await reader();
  const pages = [await text(link), await text(`${link}?done=fewer`)];
  await post(link);
  pages.push(await text(link), await text(`${link}?done=reason`), await text(`${link}?done=data`));
  await post(`${link}/undo`);
  pages.push(await text(`${link}?done=undo`));
  for (const page of pages) expect(page).not.toMatch(/\/manage\/|ada@example\.com/);
});

test('after erasure the link still answers, and claims nothing about deleted data', async () => {
  const { link, id } = await reader();
  await eraseSubscription(testApp.context, id);
  const page = await text(link);
  expect(page).toContain('your address is not kept here any more');
  expect(page).not.toMatch(/erased\.invalid|<form/);
});

test('an unreadable link leads to a page that mails a working one, without revealing who reads what', async () => {
  const cut = `${testApp.url}/unsubscribe/cut-in-two`;
  const answer = await open(cut);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'no-store']);
  const page = await answer.text();
  expect(page).toContain('<form action="/lantern/manage" method="post"');
  await testApp.createPublication({ slug: 'other', name: 'The Other' });
  expect(page).toContain('Enter your address and');
  expect(await text(cut)).toMatch(
    /Choose the newsletter[^]*href="\/lantern\/manage"[^]*href="\/other\/manage"/,
  );
  const before = await dumpTables(testApp.context.db);
  for (const word of ['', '/undo', '/fewer', '/pause', '/reason', '/data'])
    expect((await post(`${cut}${word}`, { reason: 'other' })).status).toBe(404);
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  await archive(testApp, publication.id);
  expect(await text(cut)).toContain('<form action="/other/manage" method="post"');
});

test('after confirming, the page leads back to the page she came from, if it is on the publisher’s own site', async () => {
  const came: [string, string | null][] = [
    ['https://lantern.example/tides?a=1', 'https://lantern.example/tides?a=1'],
    ['https://lantern.example/', null],
    ['https://evil.example/tides', null],
    ['https://lantern.example.evil.example/x', null],
    ['javascript://lantern.example/%0aalert(1)', null],
    ['//lantern.example/x', null],
    ['', null],
  ];
  for (const [at, [source, back]] of came.entries()) {
    const link = await requestConfirmLink(testApp, `reader-${at}@example.com`, { source });
    await post(link);
    const page = await text(link);
    if (back === null) expect(page).toContain('<a class="button" href="https://lantern.example/">');
    else expect(page).toContain(`<a class="button" href="${back}">Back to the page you came from</a>`);
  }
});

test('the page after confirming leads to her settings, and tells of a pause instead of a next email', async () => {
  const { confirmLink } = await createConfirmedReader(testApp, 'bo@example.com');
  const settings = /href="([^"]*\/manage\/[^"]*)"/.exec(await text(confirmLink))?.[1] ?? '';
  expect((await open(settings)).status).toBe(200);
  await post(`${settings}/pause`, { length: 'week' });
  expect((await subscriptionOf(testApp, 'bo@example.com')).status).toBe('paused');
  const page = await text(confirmLink);
  expect(page).toContain('Paused until 29 November 2026');
  expect(page).not.toContain('first email from');
});
