import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { summariseDigests } from '../../src/dashboard/overview.js';
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
import { MINUTE_MS } from '../../src/platform/durations.js';

let testApp: TestApp;
let publication: Publication;
beforeEach(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});
afterEach(() => testApp.close());

const last = async ({ id } = publication) => (await summariseDigests(testApp.context, id, 1))[0];

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
  expect(await last()).toEqual({
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
  expect(await last()).toMatchObject({
    subject: 'Harbour, and one more',
    counts: { ...planned, planned: 6, accepted: 3, deferred: 1, rejected: 1, uncertain: 1 },
  });
  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, 11 * MINUTE_MS);
  await advanceAndRunJobs(testApp, 0);
  expect(await last()).toMatchObject({
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
  expect((await last())?.subject).toBe('Storm, and one more');
  const tide = await testApp.createPublication({ slug: 'tide' });
  await addReader(testApp, tide, 'sw@example.com', { cadence: 'daily', locale: 'sw' });
  await addArticles(testApp, tide, 'Mwezi');
  await sendOperatorDigest(testApp.context, tide.id);
  await testApp.runDueJobs();
  expect((await last(tide))?.subject).toBe('Mwezi');
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
