import { afterAll, beforeAll, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { pushArticle } from '../../../../src/articles/ingest/push-article.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { eraseSubscription } from '../../../../src/subscribers/erase/erase.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import {
  createConfirmedReader,
  lastMail,
  linkIn,
  open,
  post,
  readMails,
  requestConfirmLink,
  signUp,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { requestAddressChange, requestOneHourLink } from '../manage/request-links.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});

afterAll(() => testApp.close());

const text = async (link: string) => (await open(link)).text();
const subjectsTo = async (email: string) =>
  (await readMails(testApp)).filter(({ to }) => to === email).map(({ subject }) => subject);
const told = async (email: string) =>
  (await subjectsTo(email)).filter((subject) => subject.startsWith("You're unsubscribed")).length;

test('who leaves on a page is told by mail, and one button in it brings everything back, old links too', async () => {
  const email = 'abena@example.com';
  const { unsubscribeLink } = await createConfirmedReader(testApp, email, { cadence: 'weekly' });
  const settings = linkIn(await lastMail(testApp, email), 'manage');
  await post(unsubscribeLink);
  await testApp.runDueJobs();
  const mail = await lastMail(testApp, email);
  expect(mail.subject).toBe("You're unsubscribed from The Lantern");
  expect(mail.text.replaceAll('\n', ' ')).toContain(
    'it works until 23 November 2026, 12:00 (East Africa Time)',
  );
  expect(mail.header('auto-submitted')).toBe('auto-generated');
  const undo = linkIn(mail, 'unsubscribe');
  expect(await text(undo)).toContain('Undo: keep my subscription');
  await post(`${undo}/undo`);
  expect(await subscriptionOf(testApp, email)).toMatchObject({ status: 'confirmed', cadence: 'weekly' });
  expect(await text(settings)).toContain('has been subscribed since');
});

test('a mail program’s own button, and pressing a second time, send no mail', async () => {
  const email = 'bisa@example.com';
  const { unsubscribeLink } = await createConfirmedReader(testApp, email);
  await post(unsubscribeLink, 'List-Unsubscribe=One-Click');
  await post(unsubscribeLink);
  await testApp.runDueJobs();
  expect(await told(email)).toBe(0);
});

test('who has undone it before the mail is sent is not told', async () => {
  const email = 'chipo@example.com';
  const { unsubscribeLink } = await createConfirmedReader(testApp, email);
  await post(unsubscribeLink);
  await post(`${unsubscribeLink}/undo`);
  await testApp.runDueJobs();
  expect(await told(email)).toBe(0);
});

test('somebody who presses again and again with a forwarded mail causes three mails a day', async () => {
  const email = 'dumi@example.com';
  const { unsubscribeLink } = await createConfirmedReader(testApp, email);
  for (let round = 0; round < 6; round += 1) {
    await post(unsubscribeLink);
    await testApp.runDueJobs();
    await post(`${unsubscribeLink}/undo`);
  }
  expect(await told(email)).toBe(3);
});

/** Every link of her mails, with those of a one-hour link and of a change of address to come. */
async function collectLinks(email: string): Promise<string[]> {
  await createConfirmedReader(testApp, email);
  await pushArticle(testApp.context, publication, { title: `To ${email}`, content: '<p>News.</p>' });
  testApp.advanceClock(60_000);
  await signUp(testApp, email);
  await requestOneHourLink(testApp, email);
  await requestAddressChange(testApp, email, `new.${email}`);
  const addresses = [email, `new.${email}`];
  const mails = (await readMails(testApp)).filter(({ to }) => addresses.includes(to));
  const links = mails.flatMap((mail) => mail.links.map((link) => link.replace(/#.*/, '')));
  return [...new Set(links)].filter((link) => !new URL(link).pathname.startsWith('/lantern'));
}

test('every link of a reader who has left says so, and when, with Undo for a day and then the form', async () => {
  const email = 'efe@example.com';
  const links = await collectLinks(email);
  const words = links.map((link) => new URL(link).pathname.split('/')[1]);
  expect(words.filter((word) => word === 'manage').length).toBeGreaterThanOrEqual(4);
  expect(words).toEqual(expect.arrayContaining(['confirm', 'never', 'unsubscribe']));
  await post(links.find((link) => link.includes('/unsubscribe/')) ?? '');
  await testApp.runDueJobs();
  const before = await subscriptionOf(testApp, email);
  for (const link of links) {
    const page = await text(link);
    expect([link, page]).toEqual([link, expect.stringMatching(/(unsubscribed|ended) on 22 November 2026/)]);
    expect(page).toMatch(/\/undo"|Sign up again/);
    expect(page).not.toContain('cut in two');
    for (const tail of ['', '/pause', '/choices', '/address', '/link', '/resend', '/repair'])
      if (tail !== '' || link.includes('/manage/')) await post(`${link}${tail}`, { length: 'week' });
  }
  expect(await subscriptionOf(testApp, email)).toEqual(before);
  testApp.advanceClock(DAY_MS);
  for (const link of links) {
    const page = await text(link);
    expect([link, page]).toEqual([link, expect.stringContaining('href="/lantern">Sign up again')]);
    expect(page).not.toContain('/undo"');
  }
});

test('a link that was mailed before she left cannot bring her back, also after she undid it and left again', async () => {
  const email = 'femi@example.com';
  const { unsubscribeLink } = await createConfirmedReader(testApp, email);
  await post(unsubscribeLink);
  testApp.advanceClock(60_000);
  const link = await requestConfirmLink(testApp, email);
  expect(await text(link)).toContain('This address was unsubscribed on');
  await post(`${unsubscribeLink}/undo`);
  testApp.advanceClock(60_000);
  await post(unsubscribeLink);
  expect((await post(link)).status).toBe(410);
  expect((await subscriptionOf(testApp, email)).status).toBe('unsubscribed');
});

test('her own one-hour link opens her data after she has left, and undoes leaving', async () => {
  const email = 'gugu@example.com';
  const { unsubscribeLink } = await createConfirmedReader(testApp, email);
  await post(unsubscribeLink);
  await post(`${unsubscribeLink}/data`);
  await testApp.runDueJobs();
  const own = linkIn(await lastMail(testApp, email), 'manage');
  const page = await text(own);
  expect(page).toContain('was unsubscribed on');
  expect(page).toContain('Download my data');
  const undo = /action="([^"]*\/undo)"/.exec(page)?.[1] ?? '';
  await post(`${testApp.url}${undo}`);
  expect((await subscriptionOf(testApp, email)).status).toBe('confirmed');
});

test('the unsubscribe link of a reader who was erased says since when, without her address', async () => {
  const email = 'halima@example.com';
  const { subscription, unsubscribeLink } = await createConfirmedReader(testApp, email);
  await eraseSubscription(testApp.context, subscription.id);
  const page = await text(unsubscribeLink);
  expect(page).toContain('your address is not kept here any more. That has been so since');
  expect(page).not.toMatch(/halima|<form/);
});

test('links of ours in all these mails fit into a line behind a host of 20 characters, whole and each once', async () => {
  const kinds = new Set<string>();
  for (const { raw } of testApp.smtp.messages) {
    const [text = ''] = raw.toString('latin1').split('Content-Type: text/html');
    const { text: decoded = '' } = await PostalMime.parse(raw);
    const links = decoded.split(/\s+/).filter((word) => word.startsWith(`${testApp.url}/`));
    expect(links.length).toBeGreaterThan(0);
    expect(new Set(links).size).toBe(links.length);
    for (const link of links) {
      // In the encoded part too, no soft line break is in it.
      expect(text).toContain(link);
      const path = link.slice(testApp.url.length);
      expect([path, path.length <= 75 - 'https://'.length - 20]).toEqual([path, true]);
      kinds.add(path.split('/')[1] ?? '');
    }
  }
  expect([...kinds].toSorted()).toEqual(['confirm', 'lantern', 'manage', 'never', 'unsubscribe']);
});
