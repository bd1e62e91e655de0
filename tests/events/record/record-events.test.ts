import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { recordEvents } from '../../../src/events/record/record-events.js';
import type { IncomingEvent } from '../../../src/events/event.js';
import { messageId } from '../../../src/deliveries/mail-urls.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { listDeliveries, type DeliveryRow } from '../../support/deliveries.js';
import { addArticles, addReaders, advanceAndRunJobs, resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let delivery: DeliveryRow;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await addReaders(testApp, publication, ['ada@example.com', 'ben@example.com']);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, 0);
  const [first] = await listDeliveries(testApp);
  if (first === undefined) throw new Error('no delivery');
  delivery = first;
});
afterAll(() => testApp.close());

function bounce(about: Partial<IncomingEvent> = {}): IncomingEvent {
  const { digestId, subscriptionId } = delivery;
  const { links, now } = testApp.context;
  return {
    key: 'one',
    source: 'smtp',
    class: 'hard',
    scope: 'mailbox',
    status: '5.1.1',
    code: 550,
    reason: '<ada@example.com>: User unknown',
    occurredAt: now(),
    recipient: 'Ada@example.com',
    match: {
      messageIds: [messageId(links, publication, { scope: digestId, subject: subscriptionId })],
    },
    isAuthenticated: false,
    ...about,
  };
}

const matchOf = async (event: IncomingEvent) =>
  (await recordEvents(testApp.context, [event])).recorded.map(({ match, isNew }) => [match, isNew]);

test('a bounce is stored once with the delivery that its Message-ID or its return path names', async () => {
  expect(delivery.state).toBe('accepted');
  expect(await matchOf(bounce())).toEqual([['delivery', true]]);
  expect(await matchOf(bounce())).toEqual([['delivery', false]]);
});

test('one that was forged, is late, or is about another address changes nothing', async () => {
  const { digestId, subscriptionId } = delivery;
  expect(
    await matchOf(
      bounce({ key: 'forged', match: { messageIds: [`<${digestId}.${subscriptionId}@example.com>`] } }),
    ),
  ).toEqual([['unknown', true]]);
  expect(await matchOf(bounce({ key: 'other', recipient: 'ben@example.com' }))).toEqual([
    ['other-recipient', true],
  ]);
  const { recipient: _, ...bounceOfNobody } = bounce({ key: 'nobody' });
  expect(await matchOf(bounceOfNobody)).toEqual([['no-recipient', true]]);
  const late = bounce({ key: 'late' });
  testApp.advanceClock(8 * DAY_MS);
  expect(await matchOf(late)).toEqual([['too-late', true]]);
});
