import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import {
  archive,
  countRows,
  lastMail,
  readMails,
  open,
  post,
  signUp,
} from '../../../support/reader-actions.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import { maskedHtml } from '../../../support/masked-address.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
});

afterAll(() => testApp.close());

test('the page says where to look, has no address of hers in its URL, and is not cached or indexed', async () => {
  const page = await pageAfter(await signUp(testApp, 'amina@gmail.com'));
  expect(page).not.toContain('amina');
  const answer = await open(page);
  const html = await answer.text();
  expect(answer.status).toBe(200);
  expect(html).toContain('a•••••@gmail.com');
  expect(html).not.toContain('amina');
  expect(html).toContain('<a class="button primary" href="https://mail.google.com/">Open Gmail</a>');
  expect(html).toContain('The Lantern &#60;confirm@lantern.example&#62;');
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
  });
  const elsewhere = await pageAfter(await signUp(testApp, 'amina@marrowby.example'));
  expect(await (await open(elsewhere)).text()).not.toContain('class="button primary"');
});

test('"send it again" works after a minute, says so, and then once more a day later', async () => {
  const first = await pageAfter(await signUp(testApp, 'baraka@example.com'));
  const sent = async () => (await readMails(testApp)).filter(({ to }) => to === 'baraka@example.com').length;

  const early = await post(`${first}/resend`);
  expect(early.headers.get('location')).toBe(`${new URL(first).pathname}?done=later`);
  expect(await (await open(`${first}?done=later`)).text()).toContain('You asked less than a minute ago.');
  testApp.advanceClock(60_000);
  const second = await pageAfter(await post(`${first}/resend`));
  await testApp.runDueJobs();
  expect(await (await open(second)).text()).toContain('You asked again at 12:01 (East Africa Time).');
  expect(await (await open(second)).text()).toContain(
    'You can ask once more tomorrow. Questions? Write to <a href="mailto:help@lantern.example">help@lantern.example</a>.',
  );
  expect(await (await open(second)).text()).not.toContain('/resend');
  expect(await sent()).toBe(2);

  testApp.advanceClock(DAY_MS - 1000);
  expect((await post(`${second}/resend`)).headers.get('location')).toMatch(/\?done=later$/);
  testApp.advanceClock(1000);
  expect(await (await open(second)).text()).toContain('/resend');
  const third = await pageAfter(await post(`${second}/resend`));
  await testApp.runDueJobs();
  expect(await sent()).toBe(3);

  testApp.advanceClock(2 * DAY_MS);
  expect((await post(`${third}/resend`)).headers.get('location')).toMatch(/\?done=later$/);
  expect(await (await open(third)).text()).toContain('That is all we send for now');
  await testApp.runDueJobs();
  expect(await sent()).toBe(3);
});

test('what is sent again asks for what she chose the first time', async () => {
  const first = await pageAfter(
    await signUp(testApp, 'chidi@example.com', {
      cadence: 'weekly',
      timezone: 'Asia/Tokyo',
      source: 'https://lantern.example/tides',
    }),
  );
  testApp.advanceClock(60_000);
  await post(`${first}/resend`);
  const requests = await testApp.context.db.many(sql`
    select cadence, timezone, source, locale from sign_up_requests where email = 'chidi@example.com'
  `);
  expect(requests).toHaveLength(2);
  expect(requests[1]).toEqual(requests[0]);
});

test('pressing "send it again" on an old page again and again mails her no more than the caps allow', async () => {
  const first = await pageAfter(await signUp(testApp, 'dalia@example.com'));
  const mails = testApp.smtp.messages.length;
  testApp.advanceClock(60_000);
  for (let press = 0; press < 5; press += 1) await post(`${first}/resend`);
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.length - mails).toBe(1);
});

test('a network that presses too often is asked to come back later', async () => {
  await testApp.context.db.run(sql`delete from rate_limits`);
  const first = await pageAfter(await signUp(testApp, 'ekow@example.com'));
  for (let press = 0; press < 60; press += 1) {
    const { status } = await post(`${first}/resend`);
    expect([press, status]).toEqual([press, 303]);
  }
  const answer = await post(`${first}/resend`);
  expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect(await answer.text()).toContain(`href="${new URL(first).pathname}">Back to the page`);
  await testApp.context.db.run(sql`delete from rate_limits`);
});

test('a ticket that was cut or made up is refused', async () => {
  const page = await pageAfter(await signUp(testApp, 'fatou@example.com'));
  const confirmToken = new URL((await lastMail(testApp)).links[0] ?? '').pathname.split('/')[2] ?? '';
  const before = await dumpTables(testApp.context.db);
  for (const ticket of [
    'x',
    page.slice(-81),
    `${page.slice(-82, -1)}!`,
    confirmToken,
    '%00',
    'a'.repeat(82),
  ]) {
    for (const answer of [
      await open(`${testApp.url}/check-inbox/${ticket}`),
      await post(`${testApp.url}/check-inbox/${ticket}/resend`),
    ]) {
      expect([ticket, answer.status]).toEqual([ticket, 404]);
      expect(await answer.text()).toContain('This link isn&#39;t valid any more');
    }
  }
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
});

test('a newsletter that was archived meanwhile sends nothing again', async () => {
  const { id } = await testApp.createPublication({ slug: 'closing', name: 'The Closing' });
  const page = await pageAfter(await signUp(testApp, 'gathoni@example.com', { slug: 'closing' }));
  await archive(testApp, id);
  testApp.advanceClock(60_000);
  const requests = await countRows(testApp, 'requests');
  expect((await post(`${page}/resend`)).headers.get('location')).toMatch(/\?done=later$/);
  const closed = await (await open(page)).text();
  expect(closed).toContain('This newsletter has stopped');
  expect(closed).not.toContain('on its way');
  expect(await countRows(testApp, 'requests')).toBe(requests);
});

test('what the page says is true whatever became of the sign-up', async () => {
  const words = async (page: string) => (await (await open(page)).text()).replaceAll(/\s+/g, ' ');
  const asked = await pageAfter(await signUp(testApp, 'hana@example.com'));
  const capped = await pageAfter(await signUp(testApp, 'hana+again@example.com'));
  const mailed = (await readMails(testApp)).filter(({ to }) => to.startsWith('hana'));
  expect(mailed.map(({ to }) => to)).toEqual(['hana@example.com']);
  // To a stranger both look alike, and neither promises what the caps keep back.
  for (const page of [asked, capped]) {
    expect(await words(page)).toContain(
      `If we may write to <strong>${maskedHtml('h', 'example.com')}</strong> just now, a link`,
    );
    expect(await words(page)).toContain('Nothing is sent to an address that had its emails from us lately');
  }
  testApp.advanceClock(8 * DAY_MS);
  await testApp.handlers.purge({});
  const over = await open(capped);
  expect([over.status, await over.text()]).toEqual([404, expect.stringContaining('This sign-up is over')]);
  expect((await post(`${capped}/resend`)).status).toBe(404);
});

async function pageAfter(answer: Response): Promise<string> {
  expect(answer.status).toBe(303);
  return `${testApp.url}${answer.headers.get('location')}`;
}

test('the address of a refused form, opened again, shows the form', async () => {
  const answer = await open(`${testApp.url}/lantern/subscriptions`);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/lantern']);
  expect((await open(`${testApp.url}/nowhere/subscriptions`)).status).toBe(404);
});
