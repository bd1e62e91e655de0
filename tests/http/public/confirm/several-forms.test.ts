import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { updatePublication } from '../../../../src/publications/change-publication.js';
import {
  createConfirmedReader,
  lastMail,
  linkIn,
  open,
  post,
  requestConfirmLink,
  signUp,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let email: string;
let count = 0;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ defaultCadence: 'daily', topics: ['Harbour', 'Town'] });
});
beforeEach(() => {
  email = `reader-${(count += 1)}@example.com`;
});
afterAll(() => testApp.close());

const own = {
  cadence: 'weekly',
  timezone: 'Europe/Lisbon',
  topics: 'Harbour',
  source: 'https://lantern.example/tides',
};
const foreign = {
  cadence: 'instant',
  timezone: 'Asia/Tokyo',
  topics: 'Town',
  locale: 'ar',
  source: 'https://lantern.example/elsewhere',
};
const ownChoices = { cadence: 'weekly', timezone: 'Europe/Lisbon', topics: ['Harbour'], locale: 'en' };

test('what somebody else’s later form asks for does not reach the link that was mailed before it', async () => {
  const link = await requestConfirmLink(testApp, email, own);
  const readPage = async () =>
    (await (await open(link)).text()).replaceAll(/(?<=name="visit" value=")[^"]+/g, '');
  const before = await readPage();
  testApp.advanceClock(MINUTE_MS);
  await signUp(testApp, email, foreign);
  expect(await readPage()).toBe(before);
  expect((await post(link)).status).toBe(303);
  expect(await subscriptionOf(testApp, email)).toMatchObject(ownChoices);
  expect(await consentOf(email)).toMatchObject({ source: own.source });
  await testApp.runDueJobs();
});

test('nor does what somebody’s earlier form asked for reach her own mail, page and choices', async () => {
  const earlier = await requestConfirmLink(testApp, email, foreign);
  expect(await (await open(earlier)).text()).toContain('<html lang="ar"');
  testApp.advanceClock(MINUTE_MS);
  const link = await requestConfirmLink(testApp, email, own);
  expect((await lastMail(testApp, email)).subject).toBe('Confirm your subscription to The Lantern');
  const page = await (await open(link)).text();
  expect(page).toContain('<html lang="en"');
  expect(page).toMatch(/value="Europe\/Lisbon" selected/);
  expect((await post(link)).status).toBe(303);
  expect(await subscriptionOf(testApp, email)).toMatchObject(ownChoices);
  await testApp.runDueJobs();
});

test('who sends the form again with other choices has those of the mail she opens', async () => {
  const first = await requestConfirmLink(testApp, email, own);
  testApp.advanceClock(MINUTE_MS);
  const second = await requestConfirmLink(testApp, email, { ...own, cadence: 'monthly' });
  expect(second).not.toBe(first);
  await post(second);
  expect(await subscriptionOf(testApp, email)).toMatchObject({ ...ownChoices, cadence: 'monthly' });
  await testApp.runDueJobs();
});

test('a link that has expired is sent again with the choices of its own form', async () => {
  const link = await requestConfirmLink(testApp, email, own);
  testApp.advanceClock(MINUTE_MS);
  await signUp(testApp, email, foreign);
  testApp.advanceClock(3 * DAY_MS);
  const expired = await open(link);
  expect([expired.status, await expired.text()]).toEqual([410, expect.stringContaining('<html lang="en"')]);
  expect((await post(`${link}/resend`)).status).toBe(303);
  await testApp.runDueJobs();
  const again = linkIn(await lastMail(testApp, email), 'confirm');
  expect((await post(again)).status).toBe(303);
  expect(await subscriptionOf(testApp, email)).toMatchObject(ownChoices);
  await testApp.runDueJobs();
});

test('who comes back after leaving keeps her language where the form says none, and its choices', async () => {
  await createConfirmedReader(testApp, email, { locale: 'sw' });
  const { id } = await subscriptionOf(testApp, email);
  await testApp.context.db.run(sql`update subscriptions set status = 'unsubscribed' where id = ${id}`);
  const link = await requestConfirmLink(testApp, email, own);
  expect(await (await open(link)).text()).toContain('<html lang="sw"');
  await post(link);
  expect(await subscriptionOf(testApp, email)).toMatchObject({ ...ownChoices, locale: 'sw' });
  await testApp.runDueJobs();
});

test('a consent has the evidence of the form whose mail was opened, also when that mail was sent again', async () => {
  await updatePublication(testApp.context, publication.id, { evidenceDays: 30 });
  const from = (agent: string) => ({ 'user-agent': agent });
  const send = (fields: object, agent: string) =>
    post(`${testApp.url}/lantern/subscriptions`, { email, ...fields }, from(agent));
  const page = (await send(own, 'her own')).headers.get('location');
  await testApp.runDueJobs();
  testApp.advanceClock(MINUTE_MS);
  await send(foreign, 'somebody else');
  await testApp.runDueJobs();
  testApp.advanceClock(DAY_MS);
  await post(`${testApp.url}${page}/resend`);
  await testApp.runDueJobs();
  await post(linkIn(await lastMail(testApp, email), 'confirm'));
  expect(await subscriptionOf(testApp, email)).toMatchObject(ownChoices);
  expect(await consentOf(email)).toMatchObject({ source: own.source, requestAgent: 'her own' });
  await updatePublication(testApp.context, publication.id, { evidenceDays: 0 });
  await testApp.runDueJobs();
});

function consentOf(address: string) {
  return testApp.context.db.one<{ source: string | null; requestAgent: string | null }>(sql`
    select c.source, c.request_agent
      from consents c
      join subscriptions s on s.id = c.subscription_id
      join subscribers p on p.id = s.subscriber_id
     where p.email_key = ${address}
  `);
}
