import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { addFeed } from '../../src/articles/feeds/change-feeds.js';
import { holdArticle } from '../../src/articles/release/decide-article.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { readOverview, summariseDigests } from '../../src/dashboard/overview.js';
import { sendOperatorDigest } from '../../src/deliveries/plan/operator-digest.js';
import type { Publication } from '../../src/publications/publication.js';
import { findPublication } from '../../src/publications/reads.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import {
  addArticles,
  addReader,
  addReaders,
  readerAddresses,
  advanceAndRunJobs,
} from '../support/fixtures.js';
import { changedTables, dumpTables } from '../support/table-dump.js';
import { recordLeaveReason } from '../../src/subscribers/leave/unsubscribe.js';
import { MINUTE_MS } from '../../src/platform/durations.js';

let testApp: TestApp;
let publication: Publication;
beforeEach(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});
afterEach(() => testApp.close());

const overview = () => readOverview(testApp.context, publication);

test('a newsletter that has just been made has nothing to show', async () => {
  expect(await overview()).toEqual({
    counts: {
      ...{ pending: 0, confirmed: 0, paused: 0, unsubscribed: 0, erased: 0 },
      byCadence: { instant: 0, daily: 0, weekly: 0, monthly: 0 },
    },
    reasons: { 'too-many': 0, 'not-relevant': 0, 'never-asked': 0, other: 0 },
    underAttack: false,
    heldSignUps: 0,
    next: undefined,
    last: undefined,
    attention: [],
    circuits: [],
    holds: [],
    held: [],
    waiting: [],
    feeds: [],
    failedRows: [],
    standstill: [],
    jobOutage: { cause: 'worker', since: null },
  });
});

test('shows what comes next and to how many, what is held or waiting, and the feeds; and changes nothing', async () => {
  const other = await testApp.createPublication({ slug: 'tide', name: 'The Tide' });
  await addReaders(testApp, publication, readerAddresses(3), { cadence: 'weekly' });
  await addReader(testApp, publication, 'daily@example.com', { cadence: 'daily', watermark: 1 });
  await addReader(testApp, publication, 'pending@example.com', { status: 'pending' });
  await addReaders(testApp, publication, ['p1@example.com', 'p2@example.com'], { status: 'paused' });
  const left = await addReader(testApp, publication, 'left@example.com', { status: 'unsubscribed' });
  await recordLeaveReason(testApp.context, left.id, 'too-many');
  await addReader(testApp, other, 'elsewhere@example.com', { cadence: 'weekly' });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  await addArticles(testApp, other, 'Moon');
  const slow = { ...publication, holdMinutes: 30 };
  const waiting = await pushArticle(testApp.context, slow, { title: 'Later', content: '<p>x</p>' });
  const stopped = await pushArticle(testApp.context, slow, {
    title: 'Stopped',
    url: 'https://lantern.example/s',
    summary: 'It stopped.',
  });
  if (waiting.kind === 'known' || stopped.kind === 'known') throw new Error('They are new');
  await holdArticle(testApp.context, stopped.id);
  await addFeed(testApp.context, {
    publicationId: publication.id,
    url: 'https://lantern.example/feed',
    includeNewest: 0,
  });
  const before = await dumpTables(testApp.context.db);
  expect(await overview()).toEqual({
    counts: {
      ...{ pending: 1, confirmed: 4, paused: 2, unsubscribed: 1, erased: 0 },
      byCadence: { instant: 0, daily: 1, weekly: 3, monthly: 0 },
    },
    reasons: { 'too-many': 1, 'not-relevant': 0, 'never-asked': 0, other: 0 },
    underAttack: false,
    heldSignUps: 0,
    next: {
      articles: [
        { title: 'Harbour', url: 'https://lantern.example/harbour' },
        { title: 'Storm', url: 'https://lantern.example/storm' },
      ],
      readers: 4,
      isAbout: false,
    },
    last: undefined,
    attention: [],
    circuits: [],
    holds: [],
    held: [
      {
        id: stopped.id,
        title: 'Stopped',
        url: 'https://lantern.example/s',
        reason: { code: 'by-hand', newItems: 1, totalItems: 1 },
        publishedAt: testApp.context.now(),
      },
    ],
    waiting: [{ id: waiting.id, title: 'Later', releaseAt: waiting.releaseAt }],
    feeds: [expect.objectContaining({ url: 'https://lantern.example/feed', failure: null })],
    failedRows: [],
    standstill: [],
    jobOutage: { cause: 'worker', since: null },
  });
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
});

test('counts every delivery of the last digest in one state, as sending goes on', async () => {
  await addReaders(testApp, publication, readerAddresses(6), { cadence: 'daily' });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  await testApp.runDueJobs();
  testApp.smtp.setScript((stage, to) => {
    if (stage === 'rcpt' && to === 'reader-1@example.com') return '451 4.3.0 Not now';
    if (stage === 'rcpt' && to === 'reader-2@example.com') return '550 5.1.1 No such user';
    if (stage === 'dot' && to === 'reader-3@example.com') return 'hang-up';
    return undefined;
  });
  const sent = await sendOperatorDigest(testApp.context, publication.id);
  if (sent.kind !== 'sending') throw new Error('Nobody was due');
  const planned = {
    planned: 0,
    queued: 0,
    sending: 0,
    accepted: 0,
    deferred: 0,
    rejected: 0,
    uncertain: 0,
    skipped: 0,
  };
  expect((await overview()).last).toEqual({
    id: sent.digestId,
    cadence: 'operator',
    period: expect.any(String),
    reason: null,
    state: 'approved',
    sendAt: testApp.context.now(),
    sentAt: null,
    createdAt: testApp.context.now(),
    subject: undefined,
    counts: planned,
  });
  await testApp.runDueJobs();
  expect((await overview()).last).toMatchObject({
    subject: 'Harbour, and one more',
    counts: { ...planned, planned: 6, accepted: 3, deferred: 1, rejected: 1, uncertain: 1 },
  });
  expect((await overview()).next).toBeUndefined();
  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  await advanceAndRunJobs(testApp, 0);
  expect((await overview()).last).toMatchObject({
    state: 'closed',
    counts: { ...planned, planned: 6, accepted: 5, rejected: 1 },
  });
});

test('calls a digest by its subject in the newsletter’s own language, and in another where it has no such reader', async () => {
  await addReader(testApp, publication, 'ar@example.com', { cadence: 'daily', locale: 'ar' });
  await addReader(testApp, publication, 'en@example.com', { cadence: 'daily', watermark: 1 });
  await addArticles(testApp, publication, 'Harbour', 'Storm', 'Moon');
  await sendOperatorDigest(testApp.context, publication.id);
  await testApp.runDueJobs();
  expect((await overview()).last?.subject).toBe('Storm, and one more');
  const tide = await testApp.createPublication({ slug: 'tide' });
  await addReader(testApp, tide, 'sw@example.com', { cadence: 'daily', locale: 'sw' });
  await addArticles(testApp, tide, 'Mwezi');
  await sendOperatorDigest(testApp.context, tide.id);
  await testApp.runDueJobs();
  expect((await readOverview(testApp.context, tide)).last?.subject).toBe('Mwezi');
});

test('lists the newest digests first, each with its own ledger', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  for (const title of ['Harbour', 'Storm', 'Moon']) {
    await addArticles(testApp, publication, title);
    await testApp.runDueJobs();
    testApp.advanceClock(MINUTE_MS);
  }
  const newest = await summariseDigests(testApp.context, publication.id, 2);
  expect(
    newest.map(({ subject, cadence, counts }) => [subject, cadence, counts.planned, counts.accepted]),
  ).toEqual([
    ['Moon', 'instant', 1, 1],
    ['Storm', 'instant', 1, 1],
  ]);
  const now = await findPublication(testApp.context.db, publication.id);
  expect(now).toMatchObject({ lastSeq: 3, instantPlannedSeq: 3 });
});
