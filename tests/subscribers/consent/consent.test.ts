import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { releaseDueArticles } from '../../../src/articles/release/release-due.js';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { confirmSubscription } from '../../../src/subscribers/confirm/confirm.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import { requestConfirmLink, createConfirmedReader, subscriptionOf } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addReader } from '../../support/fixtures.js';
import { mayUndoUnsubscribe, undoUnsubscribe } from '../../../src/subscribers/leave/restore-subscription.js';
import { DAY_MS } from '../../../src/platform/durations.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});

afterAll(() => testApp.close());

test('confirming says what happened: the first time, again, and with a link that was revoked', async () => {
  await requestConfirmLink(testApp, 'ann@example.com');
  const { id: subscriptionId, generation } = await subscriptionOf(testApp, 'ann@example.com');
  const press = (withGeneration = generation) =>
    confirmSubscription(testApp.context, {
      subscriptionId,
      generation: withGeneration,
      publication,
      wording: 'Yes.',
    });
  expect(await press(generation + 1)).toEqual({ kind: 'revoked' });
  expect(await press()).toEqual({ kind: 'confirmed' });
  expect(await press()).toEqual({ kind: 'already-confirmed' });
  await unsubscribe(testApp.context, subscriptionId);
  expect(await press()).toEqual({ kind: 'revoked' });
});

test('a reader who confirms while an article is released is either mailed it or has a watermark past it', async () => {
  for (let round = 0; round < 6; round += 1) {
    const email = `race-${round}@example.com`;
    await requestConfirmLink(testApp, email);
    const { id: subscriptionId, generation } = await subscriptionOf(testApp, email);
    await pushArticle(testApp.context, publication, { title: `Race ${round}`, content: '<p>News.</p>' });
    await Promise.all([
      confirmSubscription(testApp.context, { subscriptionId, generation, publication, wording: 'Yes.' }),
      releaseDueArticles(testApp.context, publication.id),
    ]);
    const { watermark } = await subscriptionOf(testApp, email);
    const { lastSeq } = await testApp.context.db.one<{ lastSeq: number }>(
      sql`select last_seq from publications where id = ${publication.id}`,
    );
    expect([lastSeq - 1, lastSeq]).toContain(watermark);
    await testApp.runDueJobs();
    const got = await testApp.context.db.many(
      sql`select state from deliveries where subscription_id = ${subscriptionId}`,
    );
    expect([watermark, got]).toEqual([watermark, watermark === lastSeq ? [] : [{ state: 'accepted' }]]);
  }
});

test('leaving and undoing at the same moment ends in one of the two, with one record of each', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id } = await addReader(testApp, publication, `torn-${round}@example.com`);
    expect(await unsubscribe(testApp.context, id)).toEqual({ kind: 'unsubscribed' });
    await Promise.all([undoUnsubscribe(testApp.context, id), undoUnsubscribe(testApp.context, id)]);
    await Promise.all([unsubscribe(testApp.context, id), unsubscribe(testApp.context, id)]);
    const notes = await testApp.context.db.many<{ kind: string }>(
      sql`select kind from consents where subscription_id = ${id} order by id`,
    );
    expect(notes.map(({ kind }) => kind)).toEqual(['unsubscribed', 'resumed', 'unsubscribed']);
  }
});

test('a paused reader may leave too', async () => {
  const { id } = await addReader(testApp, publication, 'paused@example.com', { status: 'paused' });
  expect(await unsubscribe(testApp.context, id)).toEqual({ kind: 'unsubscribed' });
  expect(await unsubscribe(testApp.context, id)).toEqual({ kind: 'already-unsubscribed' });
});

test('undo is for readers who had confirmed and left less than a day ago', () => {
  const now = new Date('2026-11-22T09:00:00Z');
  const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds);
  const left = {
    status: 'unsubscribed' as const,
    confirmedAt: ago(9 * DAY_MS),
    unsubscribedAt: ago(DAY_MS - 1),
  };
  expect(mayUndoUnsubscribe(left, now)).toBe(true);
  expect(mayUndoUnsubscribe({ ...left, unsubscribedAt: ago(DAY_MS) }, now)).toBe(false);
  expect(mayUndoUnsubscribe({ ...left, confirmedAt: null }, now)).toBe(false);
  expect(mayUndoUnsubscribe({ ...left, status: 'confirmed' }, now)).toBe(false);
});

test('proofs are only added: a wording is stored as it was first shown', async () => {
  await createConfirmedReader(testApp, 'proof@example.com');
  const before = await testApp.context.db.many(sql`select * from consent_wordings order by version`);
  testApp.advanceClock(DAY_MS);
  await createConfirmedReader(testApp, 'proof-2@example.com');
  expect(await testApp.context.db.many(sql`select * from consent_wordings order by version`)).toEqual(before);
});
