import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { confirmSubscription } from '../../../src/subscribers/confirm/confirm.js';
import { countReadersOfTopics, readReaderCounts } from '../../../src/subscribers/counts/reads.js';
import { readReaderChange, readReaderDays } from '../../../src/subscribers/counts/reader-days.js';
import { eraseSubscription } from '../../../src/subscribers/erase/erase.js';
import { undoUnsubscribe } from '../../../src/subscribers/leave/restore-subscription.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import { pauseSubscription, resumeSubscription } from '../../../src/subscribers/preferences/pause.js';
import { countSuppressions } from '../../../src/subscribers/suppression/operator-reads.js';
import { insertSuppression } from '../../../src/subscribers/suppression/writes.js';
import { addReader, addReaders, readerAddresses, reloadReader } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let app: TestApp;
let publication: Publication;

/** Kathmandu is at +05:45: its 22 November begins at 18:15 of the 21st in UTC. */
beforeEach(async () => {
  app = await openTestApp({ now: new Date('2026-11-21T18:14:00Z') });
  publication = await app.createPublication({ timezone: 'Asia/Kathmandu', topics: ['Sea', 'Sky'] });
});
afterEach(() => app.close());

const days = (count: number) => readReaderDays(app.context.db, publication, count, app.context.now());
const change = (since: Date) =>
  readReaderChange(app.context.db, publication.id, { since, now: app.context.now() });

test('readers join and leave on days of the newsletter, whatever its offset from UTC', async () => {
  await join('ada@example.com');
  app.advanceClock(2 * MINUTE_MS);
  const bea = await join('bea@example.com');
  app.advanceClock(DAY_MS);
  await unsubscribe(app.context, bea);
  expect(await days(4)).toEqual([
    { date: '2026-11-20', joined: 0, left: 0 },
    { date: '2026-11-21', joined: 1, left: 0 },
    { date: '2026-11-22', joined: 1, left: 0 },
    { date: '2026-11-23', joined: 0, left: 1 },
  ]);
});

test('who takes back that she left has not left; who joins again later has', async () => {
  const ada = await join('ada@example.com');
  app.advanceClock(DAY_MS);
  await unsubscribe(app.context, ada);
  app.advanceClock(HOUR_MS);
  await undoUnsubscribe(app.context, ada);
  expect((await days(2)).map(({ left }) => left)).toEqual([0, 0]);
  await unsubscribe(app.context, ada);
  app.advanceClock(2 * DAY_MS);
  await confirm(ada);
  expect((await days(3)).map(({ joined, left }) => [joined, left])).toEqual([
    [0, 1],
    [0, 0],
    [1, 0],
  ]);
});

test('a pause is no leaving, and an erased reader has left once', async () => {
  const ada = await join('ada@example.com');
  app.advanceClock(DAY_MS);
  await pauseSubscription(app.context, ada, { until: null, catchUp: false });
  await resumeSubscription(app.context, ada);
  await pauseSubscription(app.context, ada, { until: null, catchUp: false });
  await eraseSubscription(app.context, ada);
  expect((await days(1))[0]).toEqual({ date: '2026-11-22', joined: 0, left: 1 });
  expect(await readReaderCounts(app.context.db, publication.id)).toMatchObject({
    paused: 0,
    unsubscribed: 0,
    erased: 1,
  });
});

test('by how much each number has changed is the sum of what happened since', async () => {
  const [ada, bea] = [await join('ada@example.com'), await join('bea@example.com')];
  app.advanceClock(31 * DAY_MS);
  const since = app.context.now();
  await join('cleo@example.com');
  await addReader(app, publication, 'dora@example.com', { status: 'pending' });
  await unsubscribe(app.context, ada);
  await pauseSubscription(app.context, bea, { until: null, catchUp: false });
  expect(await change(since)).toEqual({ pending: 1, added: 0, confirmed: -1, paused: 1, unsubscribed: 1 });
});

test('readers are counted by state, by rhythm, and by the topics they get', async () => {
  const at = (from: number, to: number) => readerAddresses(20).slice(from, to);
  await addReaders(app, publication, at(0, 2), { cadence: 'daily', topics: ['Sea'], hour: 7 });
  await addReaders(app, publication, at(2, 5), { cadence: 'daily', topics: [], hour: 7 });
  await addReaders(app, publication, at(5, 9), {
    cadence: 'weekly',
    topics: ['Sky', 'Sea'],
    hour: 18,
    weekday: 5,
  });
  await addReaders(app, publication, at(9, 14), { cadence: 'weekly', topics: ['Sky'], hour: 18, weekday: 5 });
  await addReaders(app, publication, at(14, 20), { status: 'pending', cadence: 'daily', topics: ['Sea'] });
  const { db } = app.context;
  expect(await readReaderCounts(db, publication.id)).toEqual({
    ...{ pending: 6, added: 0, confirmed: 14, paused: 0, unsubscribed: 0, erased: 0 },
    byCadence: { instant: 0, daily: 5, weekly: 9, monthly: 0 },
  });
  expect(await countReadersOfTopics(db, publication.id, [' sea'])).toEqual({
    ...{ instant: 0, daily: 5, weekly: 4, monthly: 0 },
  });
  expect(await countReadersOfTopics(db, publication.id, [])).toMatchObject({ daily: 3, weekly: 0 });
});

test('addresses that may not be mailed are counted by reason, here and for all newsletters', async () => {
  const { db, now, hashAddress } = app.context;
  const suppress = (email: string, publicationId: string | null, reason: 'bounced' | 'never' | 'operator') =>
    db.transaction((tx) => insertSuppression(tx, hashAddress(email), publicationId, reason, now()));
  await suppress('ada@example.com', publication.id, 'bounced');
  await suppress('bea@example.com', publication.id, 'bounced');
  await suppress('bea@example.com', publication.id, 'never');
  await suppress('cleo@example.com', null, 'bounced');
  await suppress('dora@example.com', (await app.createPublication({ slug: 'other' })).id, 'operator');
  expect(await countSuppressions(db, publication.id)).toEqual([
    { reason: 'erased', own: 0, everywhere: 0 },
    { reason: 'bounced', own: 1, everywhere: 1 },
    { reason: 'complained', own: 0, everywhere: 0 },
    { reason: 'never', own: 1, everywhere: 0 },
    { reason: 'operator', own: 0, everywhere: 0 },
  ]);
});

async function join(email: string): Promise<string> {
  const { id } = await addReader(app, publication, email, { status: 'pending' });
  await confirm(id);
  return id;
}

async function confirm(subscriptionId: string): Promise<void> {
  const { generation } = await reloadReader(app, { id: subscriptionId });
  await confirmSubscription(app.context, { subscriptionId, generation, publication, wording: 'Yes.' });
}
