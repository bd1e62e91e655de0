import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { sendCommonMail } from './every-mail.js';
import { readMails, signUp, type ReaderMail } from '../../support/reader-actions.js';

let testApp: TestApp;
let mails: ReaderMail[];

beforeAll(async () => {
  testApp = await openTestApp();
  await sendCommonMail(testApp);
  mails = await readMails(testApp);
});

afterAll(() => testApp.close());

test('each kind of mail has the links that its reader needs', () => {
  const kinds = mails.map(({ subject, links }) => [
    subject,
    links.map((link) => new URL(link).pathname.split('/')[1]),
  ]);
  expect(kinds).toEqual([
    ['Confirm your subscription to The Lantern', ['confirm', 'never']],
    ["You're subscribed to The Lantern", ['manage', 'unsubscribe']],
    ["You're already subscribed to The Lantern", ['manage', 'unsubscribe']],
    ['High water', ['lantern', 'manage', 'unsubscribe', 'lantern']],
    ['Confirm your subscription to The Lantern', ['confirm', 'never']],
  ]);
});

test('a scanner that opens every link of every mail, in every way short of pressing, changes no row', async () => {
  const links = new Set(mails.flatMap((mail) => mail.links.map((link) => link.replace(/#.*/, ''))));
  const before = await dumpTables(testApp.context.db, []);
  for (const link of links) {
    for (const method of ['HEAD', 'GET', 'OPTIONS']) {
      const answer = await fetch(link, { method });
      expect([method, answer.status]).toEqual([method, 200]);
      const pressed = /<form action="([^"]+)"/.exec(await answer.text())?.[1];
      // Some follow the addresses of forms too, as if they were links.
      if (pressed !== undefined) await fetch(`${testApp.url}${pressed}`);
    }
    for (const tail of [
      '/',
      '?utm_source=scanner',
      '/undo',
      '/resend',
      '/pause',
      '/resume',
      '?done=undo',
      '?saved=pause',
      '#x',
    ])
      await fetch(`${link}${tail}`);
  }
  expect(links.size).toBe(8);
  expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
  expect(await testApp.runDueJobs()).toEqual([]);
});

test('confirmation mail is marked as automatic and has no List-Unsubscribe', () => {
  for (const mail of mails.filter(({ subject }) => subject.startsWith('Confirm'))) {
    expect(mail.header('auto-submitted')).toBe('auto-generated');
    expect(mail.header('list-unsubscribe')).toBeUndefined();
    expect(mail.html).not.toContain('<img');
  }
});

test('nothing that somebody typed into the form is mailed to an address that never agreed', async () => {
  const typed = {
    source: 'https://buy.example/now',
    timezone: 'Buy/Now',
    cadence: 'buy-now',
    name: 'Buy now',
  };
  await signUp(testApp, 'victim@example.com', { ...typed, locale: 'en' });
  const mail = (await readMails(testApp)).at(-1);
  expect(mail?.to).toBe('victim@example.com');
  expect(`${mail?.subject} ${mail?.text} ${mail?.html}`).not.toMatch(/buy/i);
});

test('the mail names the page of the form by the publisher’s title, and only when it is an article of the publisher', async () => {
  const asked = async (email: string, source: string) => {
    await signUp(testApp, email, { source });
    return (await readMails(testApp)).findLast(({ to }) => to === email)?.text.replace(/\s+/g, ' ') ?? '';
  };
  const page = 'https://www.lantern.example/high-water/?utm_source=somewhere';
  expect(await asked('first@example.com', page)).toContain('from the page “High water”, on');
  const other = await asked('second@example.com', 'https://buy.example/high-water');
  expect(other).toContain('Someone asked to send new articles from The Lantern to second@example.com on');
  expect(other).not.toContain('High water');
});
