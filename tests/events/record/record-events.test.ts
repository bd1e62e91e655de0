import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { recordEvents } from '../../../src/events/record/record-events.js';
import type { IncomingEvent } from '../../../src/events/event.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { eraseSubscription } from '../../../src/subscribers/erase/erase.js';
import { liftAsOperator } from '../../../src/subscribers/suppression/operator-changes.js';
import type { DeliveryRow } from '../../support/deliveries.js';
import { eventOf, listSuppressionReasons, mailArticle, record } from '../../support/events.js';
import { addReaders, advanceAndRunJobs, resetTestApp } from '../../support/fixtures.js';
import { signUp, subscriptionOf } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let ada: DeliveryRow;
let ben: DeliveryRow;

beforeAll(async () => {
  testApp = await openTestApp({ settings: { BOUNCE_DOMAIN: 'bounce.example.com' } });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await addReaders(testApp, publication, ['ada@example.com', 'ben@example.com'], { cadence: 'instant' });
  [ada, ben] = await mailTo('Harbour');
});
afterAll(() => testApp.close());

async function mailTo(title: string): Promise<[DeliveryRow, DeliveryRow]> {
  const [first, second] = await mailArticle(testApp, publication, title);
  if (first === undefined || second === undefined) throw new Error('Two readers');
  expect([first.state, second.state]).toEqual(['accepted', 'accepted']);
  return [first, second];
}

const bounce = (about: Partial<IncomingEvent> = {}, delivery = ada) =>
  eventOf(testApp, publication, delivery, about);
const without = (event: IncomingEvent, name: 'recipient'): IncomingEvent => {
  const { [name]: _, ...rest } = event;
  return rest;
};
const matchOf = async (event: IncomingEvent) =>
  (await record(testApp, event)).recorded.map(({ match }) => match);
const effectOf = async (event: IncomingEvent) =>
  (await record(testApp, event)).recorded.map(({ effect }) => effect);

/** The local part that the mail to an address went out with. */
const returnPathTo = (email: string) =>
  testApp.smtp.messages.findLast(({ to }) => to === email)?.from.split('@')[0] ?? '';

test('a bounce is matched to its delivery by Message-ID or return path, whatever servers do to their case and brackets', async () => {
  const [id = ''] = bounce().match.messageIds;
  const returnPath = returnPathTo('ada@example.com');
  for (const match of [
    { messageIds: [id] },
    { messageIds: ['<stranger@example.com>', id.slice(1, -1)] },
    { messageIds: [], returnPath },
    { messageIds: [], returnPath: returnPath.toUpperCase() },
    { messageIds: [], returnPath: `<${returnPath}@bounce.example.com>` },
  ]) {
    const { recorded } = await record(testApp, bounce({ match, class: 'delayed' }));
    expect(recorded).toMatchObject([
      { match: 'delivery', isNew: true, digestId: ada.digestId, subscriptionId: ada.subscriptionId },
    ]);
  }
});

test('the same event again, in the same hand-over or another, is stored once', async () => {
  const event = bounce();
  const { recorded } = await record(testApp, event, event);
  expect(recorded.map(({ isNew }) => isNew)).toEqual([true, false]);
  expect((await record(testApp, event)).recorded).toMatchObject([{ isNew: false, effect: 'nothing' }]);
  expect(await testApp.context.db.many(sql`select class from events`)).toEqual([{ class: 'hard' }]);
});

test('what was forged, comes late, or names somebody else or nobody changes nothing, and is kept with the reason', async () => {
  const forged = {
    messageIds: [`<${ada.digestId}.${ada.subscriptionId}@example.com>`],
    returnPath: 'a'.repeat(40),
  };
  expect(await matchOf(bounce({ match: forged }))).toEqual(['unknown']);
  expect(await matchOf(bounce({ recipient: 'ben@example.com' }))).toEqual(['other-recipient']);
  expect(await matchOf(without(bounce(), 'recipient'))).toEqual(['no-recipient']);
  const returnPath = returnPathTo('ada@example.com');
  testApp.advanceClock(8 * DAY_MS);
  expect(await matchOf(bounce())).toEqual(['too-late']);
  expect(await matchOf(bounce({ match: { messageIds: [], returnPath } }))).toEqual(['too-late']);
  expect(await listSuppressionReasons(testApp)).toEqual([]);
  expect(await testApp.context.db.many(sql`select match from events`)).toHaveLength(5);
});

test('a bounce suppresses her address everywhere, and her delivery stays accepted', async () => {
  expect(await effectOf(bounce())).toEqual(['bounced']);
  expect(await listSuppressionReasons(testApp)).toEqual(['bounced everywhere']);
  const rows = await mailArticle(testApp, publication, 'Storm');
  expect(rows.map(({ email, state }) => [email, state])).toEqual([
    ['ada@example.com', 'skipped'],
    ['ben@example.com', 'accepted'],
  ]);
  expect(
    await testApp.context.db.many(sql`select state from deliveries where digest_id = ${ada.digestId}`),
  ).toEqual([{ state: 'accepted' }, { state: 'accepted' }]);
});

test('words are stored without addresses, and without what no page can show', async () => {
  await record(testApp, bounce({ reason: '550 5.1.1 <ada@example.com>:\r\n\0 unknown to mx@example.net' }));
  expect(await testApp.context.db.many(sql`select reason from events`)).toEqual([
    { reason: '550 5.1.1 <…>:  unknown to …' },
  ]);
});

test('a complaint needs no recipient but the signed id, counts for 30 days, and is for ever and everywhere', async () => {
  testApp.advanceClock(29 * DAY_MS);
  expect(await effectOf(without(bounce({ class: 'complaint' }), 'recipient'))).toEqual(['complained']);
  expect(await listSuppressionReasons(testApp)).toEqual(['complained everywhere']);
  expect(await effectOf(bounce({ class: 'hard' }))).toEqual(['nothing']);
  testApp.advanceClock(2 * DAY_MS);
  expect(await matchOf(bounce({ class: 'complaint' }, ben))).toEqual(['too-late']);
});

test('a request to leave ends the subscription, and nothing else', async () => {
  expect(await effectOf(bounce({ class: 'unsubscribe' }))).toEqual(['unsubscribed']);
  expect((await subscriptionOf(testApp, 'ada@example.com')).status).toBe('unsubscribed');
  expect(await listSuppressionReasons(testApp)).toEqual([]);
});

test('a disabled mailbox is given up when a second digest finds the same, and not when one arrived in between', async () => {
  const disabled = { status: '5.2.1' };
  expect(await effectOf(bounce(disabled))).toEqual(['unconfirmed']);
  expect(await effectOf(bounce(disabled))).toEqual(['unconfirmed']);
  expect(await listSuppressionReasons(testApp)).toEqual([]);
  testApp.advanceClock(DAY_MS);
  await mailTo('Arrives');
  testApp.advanceClock(DAY_MS);
  const [third] = await mailTo('Storm');
  await record(testApp, bounce(disabled, third));
  expect(await listSuppressionReasons(testApp)).toEqual([]);
  testApp.advanceClock(DAY_MS);
  const [fourth] = await mailTo('Fog');
  await record(testApp, bounce(disabled, fourth));
  expect(await listSuppressionReasons(testApp)).toEqual(['bounced everywhere']);
});

test('a full mailbox rests after three digests over fifteen days, whichever report comes first', async () => {
  const deliveries = [ada];
  for (const title of ['Storm', 'Fog']) {
    testApp.advanceClock(7.6 * DAY_MS);
    deliveries.push((await mailTo(title))[0]);
  }
  // By a webhook: reports by mail count for seven days.
  const full = { class: 'soft', status: '5.2.2', isAuthenticated: true, source: 'mailgun' } as const;
  for (const delivery of deliveries.slice(1)) await record(testApp, bounce(full, delivery));
  expect(await listSuppressionReasons(testApp)).toEqual([]);
  await record(testApp, bounce(full, ada));
  expect(await listSuppressionReasons(testApp)).toEqual(['bounced everywhere']);
});

test('what was sent before an operator or the reader lifted a suppression has no say any more', async () => {
  await record(testApp, bounce());
  testApp.advanceClock(DAY_MS);
  const { context } = testApp;
  await liftAsOperator(context, {
    emailKey: 'ada@example.com',
    publicationId: null,
    note: 'She wrote to us',
  });
  for (const kind of ['hard', 'complaint'] as const)
    expect(await effectOf(bounce({ class: kind }))).toEqual(['nothing']);
  expect(await listSuppressionReasons(testApp)).toEqual([]);
});

test('a bounce of a single mail suppresses its reader, too', async () => {
  await signUp(testApp, 'carol@example.com');
  const returnPath = returnPathTo('carol@example.com');
  const event = bounce({ match: { messageIds: [], returnPath }, recipient: 'carol@example.com' });
  expect((await record(testApp, event)).recorded).toMatchObject([{ match: 'notice', effect: 'bounced' }]);
  expect(await listSuppressionReasons(testApp)).toEqual(['bounced everywhere']);
});

test('one event that cannot be stored does not stop the others', async () => {
  const broken = bounce({ occurredAt: new Date(Number.NaN) });
  const { recorded, failures } = await record(testApp, bounce({}, ben), broken, bounce());
  expect(recorded.map(({ match }) => match)).toEqual(['delivery', 'delivery']);
  expect(failures.map(({ row }) => row)).toEqual([broken]);
});

test('an erased reader leaves the class of her events, and late ones bring no words', async () => {
  await record(testApp, bounce({ class: 'delayed' }));
  await eraseSubscription(testApp.context, ada.subscriptionId);
  await advanceAndRunJobs(testApp, 0);
  await record(testApp, bounce({ class: 'soft' }));
  expect(await testApp.context.db.many(sql`select class, reason from events order by id`)).toEqual([
    { class: 'delayed', reason: null },
    { class: 'soft', reason: null },
  ]);
});

test('events are deleted with the answers of mail servers, and what proves nothing after thirty days', async () => {
  const classes = async () =>
    (await testApp.context.db.many<{ class: string }>(sql`select class from events`)).map((row) => row.class);
  await record(testApp, bounce({ class: 'delayed' }), bounce({ class: 'none', match: { messageIds: [] } }));
  await testApp.handlers.purge({});
  expect(await classes()).toHaveLength(2);
  testApp.advanceClock(31 * DAY_MS);
  await testApp.handlers.purge({});
  expect(await classes()).toEqual(['delayed']);
  testApp.advanceClock(720 * DAY_MS);
  await testApp.handlers.purge({});
  expect(await classes()).toEqual([]);
});

test('many events are recorded together', async () => {
  const events = Array.from({ length: 1_200 }, () => bounce({ class: 'delayed' }));
  const { recorded } = await recordEvents(testApp.context, events);
  expect(recorded.filter(({ isNew }) => isNew)).toHaveLength(1_200);
});
