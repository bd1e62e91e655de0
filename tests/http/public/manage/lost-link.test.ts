import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { requestPreferencesLink } from '../../../../src/subscribers/preferences/link-request.js';
import { insertSuppression } from '../../../../src/subscribers/suppression/writes.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addReader } from '../../../support/fixtures.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { requestOneHourLink, findManageLink } from './request-links.js';
import { archive, lastMail, linkIn, readMails, open, post } from '../../../support/reader-actions.js';
import { recordStatements } from '../recorded-statements.js';
import { DAY_MS, HOUR_MS } from '../../../../src/platform/durations.js';
import { maskedHtml } from '../../../support/masked-address.js';

const known = {
  new: 'reader0@example.com',
  pending: 'reader1@example.com',
  confirmed: 'reader2@example.com',
  paused: 'reader3@example.com',
  unsubscribed: 'reader4@example.com',
  suppressed: 'reader5@example.com',
};

let testApp: TestApp;
let form: string;

beforeAll(async () => {
  testApp = await openTestApp();
  const publication = await testApp.createPublication();
  form = `${testApp.url}/lantern/manage`;
  for (const status of ['pending', 'confirmed', 'paused', 'unsubscribed'] as const)
    await addReader(testApp, publication, known[status], { status });
  await addReader(testApp, publication, known.suppressed);
  const { db, hashAddress, now } = testApp.context;
  await db.transaction((tx) =>
    insertSuppression(tx, hashAddress(known.suppressed), publication.id, 'bounced', now()),
  );
});

afterAll(() => testApp.close());

test('whatever is known of an address, asking for its link gives the same answer with the same work', async () => {
  const answers = [];
  for (const [state, email] of Object.entries(known)) {
    const { result, statements } = await recordStatements(testApp.context.db, () => post(form, { email }));
    const { date: _, ...headers } = Object.fromEntries(result.headers);
    answers.push({ state, status: result.status, headers, body: await result.text(), statements });
  }
  expect(answers[0]).toMatchObject({ status: 303, headers: { location: '/lantern/manage?done=requested' } });
  expect(answers[0]?.statements.slice(2)).toEqual([
    expect.stringMatching(/^begin/),
    expect.stringMatching(/^insert into link_requests/),
    expect.stringMatching(/^insert into outbox/),
    'commit',
  ]);
  for (const answer of answers) expect(answer).toEqual({ ...answers[0], state: answer.state });
  const page = await (await open(`${form}?done=requested`)).text();
  expect(page).toContain(
    'If we know that address for The Lantern and may write to it just now, we&#39;ve sent it a link.',
  );
});

test('in every state that may be mailed she gets an answer, and the address that was typed is not stored', async () => {
  await testApp.runDueJobs();
  const told = (await readMails(testApp)).map(({ to, subject }) => [to, subject]);
  expect(told.toSorted()).toEqual([
    [known.pending, 'Confirm your subscription to The Lantern'],
    [known.confirmed, 'Your settings for The Lantern'],
    [known.paused, 'Your settings for The Lantern'],
    [known.unsubscribed, 'Your settings for The Lantern'],
  ]);
  const left = await lastMail(testApp, known.unsubscribed);
  expect(left.text.replaceAll('\n', ' ')).toContain('This address was unsubscribed on');
  expect(await (await open(linkIn(left, 'manage'))).text()).toContain('Undo: keep my subscription');
  expect(await testApp.context.db.many(sql`select id from link_requests`)).toEqual([]);
  const mail = await lastMail(testApp, known.confirmed);
  expect(mail.header('auto-submitted')).toBe('auto-generated');
  expect(mail.links.map((link) => new URL(link).pathname.split('/')[1])).toEqual(['manage', 'unsubscribe']);
  const page = await (await open(linkIn(mail, 'manage'))).text();
  expect(page).toContain(`<strong>${known.confirmed}</strong>`);
  expect(page).toContain('Download my data');
});

test('an hour later the same link opens the settings, but not her data', async () => {
  const link = linkIn(await lastMail(testApp, known.confirmed), 'manage');
  testApp.advanceClock(HOUR_MS);
  const page = await (await open(link)).text();
  expect(page).toContain('The hour of this link is over.');
  expect(page).not.toContain(known.confirmed);
  expect(page).not.toContain('Download my data');
});

test('a mailbox is mailed no more often than the caps of all other mails allow', async () => {
  const mails = async () => (await readMails(testApp)).filter(({ to }) => to === known.paused).length;
  for (let press = 0; press < 5; press += 1) {
    testApp.advanceClock(61_000);
    await post(form, { email: known.paused.toUpperCase() });
    await testApp.runDueJobs();
  }
  expect(await mails()).toBe(2);
  for (let day = 0; day < 4; day += 1) {
    testApp.advanceClock(DAY_MS);
    await post(form, { email: known.paused });
    await testApp.runDueJobs();
  }
  expect(await mails()).toBe(3);
});

test('from the settings page three links a day are mailed, and the page says which happened', async () => {
  const link = await findManageLink(testApp, known.confirmed);
  for (let press = 1; press <= 4; press += 1) {
    const { headers } = await post(`${link}/link`);
    expect(headers.get('location')).toMatch(press <= 3 ? /\?done=link#own$/ : /\?done=link-later#own$/);
  }
  expect(await (await open(`${link}?done=link`)).text()).toContain(
    `We sent a link to ${maskedHtml('r', 'example.com')}.`,
  );
  expect(await (await open(`${link}?done=link-later`)).text()).toContain('We have sent three links');
  testApp.advanceClock(DAY_MS);
  expect(await requestOneHourLink(testApp, known.confirmed)).toContain('/manage/');
});

test('an invalid address is reported beside the field, with what was typed', async () => {
  for (const [email, sentence] of [
    ['', 'Enter your email address.'],
    ['reader<2>@example', 'That doesn&#39;t look complete.'],
    ['reader@exam ple.com', 'There is a blank in it.'],
    ['reader@example.com.', 'It ends with a dot.'],
  ] as const) {
    const answer = await post(form, { email });
    const html = await answer.text();
    expect(answer.status).toBe(422);
    expect(html).toContain(sentence);
    expect(html).toContain(`value="${email.replace('<', '&lt;').replace('>', '&gt;')}"`);
    expect(html).toContain('aria-invalid="true"');
  }
});

test('an archived newsletter sends no links, also for a request from before', async () => {
  const closing = await testApp.createPublication({ slug: 'closing', name: 'The Closing' });
  await addReader(testApp, closing, 'gathoni@example.com');
  await requestPreferencesLink(testApp.context, { publicationId: closing.id, email: 'gathoni@example.com' });
  await archive(testApp, closing.id);
  const before = await readMails(testApp);
  expect((await post(`${testApp.url}/closing/manage`, { email: 'gathoni@example.com' })).status).toBe(410);
  expect((await open(`${testApp.url}/closing/manage`)).status).toBe(410);
  await testApp.runDueJobs();
  expect(await readMails(testApp)).toHaveLength(before.length);
});

test('opening any of these pages changes nothing', async () => {
  const own = await requestOneHourLink(testApp, known.confirmed);
  const before = await dumpTables(testApp.context.db, []);
  for (const path of [
    '',
    '/link',
    '/address',
    '/data',
    '/erase',
    '/repair',
    '/repair/confirm',
    '/address/confirm',
  ])
    for (const method of ['GET', 'HEAD']) await fetch(`${own}${path}`, { method });
  for (const method of ['GET', 'HEAD']) await fetch(`${form}?done=requested`, { method });
  expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
});
