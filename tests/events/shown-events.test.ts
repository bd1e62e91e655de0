import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readDigestDetails } from '../../src/dashboard/digest-details.js';
import { readReaderTimeline } from '../../src/dashboard/reader-timeline.js';
import { readOwnLog } from '../../src/events/own-log.js';
import { manageUrl } from '../../src/deliveries/mail-urls.js';
import type { Publication } from '../../src/publications/publication.js';
import type { DeliveryRow } from '../support/deliveries.js';
import { eventOf, mailArticle, record } from '../support/events.js';
import { addReaders, resetTestApp } from '../support/fixtures.js';
import { open, subscriptionOf } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let deliveries: DeliveryRow[];

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await addReaders(testApp, publication, ['ada@example.com', 'ben@example.com', 'cat@example.com'], {
    cadence: 'instant',
  });
  deliveries = await mailArticle(testApp, publication, 'Harbour');
});
afterAll(() => testApp.close());

const event = (at: number, about: Parameters<typeof eventOf>[3] = {}) => {
  const delivery = deliveries[at];
  if (delivery === undefined) throw new Error('no delivery');
  return eventOf(testApp, publication, delivery, about);
};

test('the page of a digest says how many were accepted and then bounced, and who', async () => {
  await record(
    testApp,
    event(0),
    event(0, { class: 'soft' }),
    event(1, { class: 'soft', status: '5.2.2' }),
    event(2, { class: 'complaint' }),
    event(2, { recipient: 'ada@example.com' }),
  );
  const digest = await readDigestDetails(testApp.context, deliveries[0]?.digestId ?? '');
  expect(digest?.counts).toMatchObject({ accepted: 3, rejected: 0 });
  expect(
    digest?.eventGroups.map(({ kind, count, readers }) => [
      kind,
      count,
      readers.map(({ email }) => email).toSorted(),
    ]),
  ).toEqual([
    ['bounced', 2, ['ada@example.com', 'ben@example.com']],
    ['complained', 1, ['cat@example.com']],
  ]);
});

test('her page in the dashboard has each event with the server’s words', async () => {
  await record(testApp, event(0), event(0, { class: 'auto-reply' }));
  const reader = await subscriptionOf(testApp, 'ada@example.com');
  const page = { before: undefined, limit: 50 };
  const shown = async (view: 'all' | 'bounces' | 'changes') =>
    (await readReaderTimeline(testApp.context, reader, view, page)).entries
      .filter((entry) => entry.kind === 'event')
      .map((entry) => [entry.class, entry.digest?.name, entry.words]);
  const words = '550 5.1.1 <…>: User unknown';
  expect(await shown('bounces')).toEqual([['hard', 'Harbour', words]]);
  expect((await shown('all')).map(([of]) => of)).toEqual(expect.arrayContaining(['hard', 'auto-reply']));
  expect(await shown('changes')).toEqual([]);
});

test('in her own log a mail that was accepted and came back says so in words', async () => {
  await record(
    testApp,
    event(0),
    event(1, { class: 'soft', status: '4.2.2' }),
    event(2, { class: 'complaint' }),
  );
  const statusOf = async (email: string) =>
    (await readOwnLog(testApp.context, await subscriptionOf(testApp, email))).map(({ status }) => status);
  expect(await statusOf('ada@example.com')).toEqual(['laterNoMailbox']);
  expect(await statusOf('ben@example.com')).toEqual(['laterMailboxFull']);
  expect(await statusOf('cat@example.com')).toEqual(['complained']);
  const ada = await subscriptionOf(testApp, 'ada@example.com');
  const page = await (await open(manageUrl(testApp.context, ada))).text();
  expect(page).toContain(
    'Sent, and then returned: the mail server said this mailbox doesn’t exist'.replace('’', '&#39;'),
  );
});
