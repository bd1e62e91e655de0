import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cancelDigest, approveDigest } from '../../../src/digests/change-state.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { findDigest } from '../../../src/digests/reads.js';
import { describeStateReason } from '../../../src/digests/state-reason.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { NewPublication, Publication } from '../../../src/publications/publication.js';
import { updatePublication } from '../../../src/publications/change-publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReaders, readerAddresses, reloadReader } from '../../support/fixtures.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';
import { operatorWords } from '../../support/operator-words.js';

let testApp: TestApp;
beforeEach(async () => {
  // 12:00 in Nairobi.
  testApp = await openTestApp({ now: new Date('2026-11-22T09:00:00Z') });
});
afterEach(() => testApp.close());

const publish = (settings: Partial<NewPublication> = {}) =>
  testApp.createPublication({ defaultCadence: 'daily', hour: 13, ...settings });

/** A newsletter whose digests need an operator's approval. */
async function publishWithApproval(settings: Partial<NewPublication> = {}): Promise<Publication> {
  const publication = await publish(settings);
  await testApp.context.db.run(sql`update publications set approval = true where id = ${publication.id}`);
  return publication;
}

const digests = async () => {
  const ids = await testApp.context.db.many<{ id: string }>(sql`select id from digests order by id`);
  const found = await Promise.all(ids.map(({ id }) => findDigest(testApp.context.db, id)));
  return found.flatMap((digest) =>
    digest ? [{ ...digest, reason: describeStateReason(digest, operatorWords) }] : [],
  );
};
const statesNow = async () => (await digests()).map(({ period, state }) => `${period} ${state}`);

/** Time passes, and planning runs. */
async function plan(milliseconds = 0): Promise<void> {
  testApp.advanceClock(milliseconds);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
}

async function decide(what: typeof approveDigest, state = 'held'): Promise<void> {
  const held = (await digests()).find((digest) => digest.state === state);
  expect((await what(testApp.context, held?.id ?? '')).kind).toBe('done');
  await testApp.runDueJobs();
}

const mailed = async () =>
  (await listDeliveries(testApp)).map(({ email, titles }) => `${email}: ${titles.join()}`);

test('until a digest is approved, nobody is planned and no watermark moves', async () => {
  const publication = await publishWithApproval();
  const [ada, ben] = await addReaders(testApp, publication, ['ada@example.com', 'ben@example.com']);
  if (ada === undefined || ben === undefined) throw new Error('They were not added');
  await addArticles(testApp, publication, 'Harbour');
  for (const wait of [HOUR_MS, 0, 60_000, HOUR_MS]) {
    await plan(wait);
    expect(await statesNow()).toEqual(['2026-11-22 held']);
    expect(await reloadReader(testApp, ada)).toEqual(ada);
    expect(await mailed()).toEqual([]);
  }
  expect((await digests())[0]?.reason).toContain('Waiting for approval');
  await decide(approveDigest);
  expect(await mailed()).toEqual(['ada@example.com: Harbour', 'ben@example.com: Harbour']);
  expect(testApp.smtp.messages).toHaveLength(2);
  expect(await statesNow()).toEqual(['2026-11-22 sending']);
});

test('an approval that comes a day late covers the digest of that day, with what is new since', async () => {
  const publication = await publishWithApproval();
  await addReaders(testApp, publication, ['ada@example.com']);
  await addArticles(testApp, publication, 'Harbour');
  await plan(HOUR_MS);
  testApp.advanceClock(DAY_MS);
  await addArticles(testApp, publication, 'Storm');
  await plan();
  expect(await statesNow()).toEqual(['2026-11-22 held']);
  await decide(approveDigest);
  expect(await mailed()).toEqual(['ada@example.com: Harbour,Storm']);
  expect(await statesNow()).toEqual(['2026-11-22 closed', '2026-11-23 sending']);
  // The next one needs an approval of its own.
  await addArticles(testApp, publication, 'Moon');
  await plan(DAY_MS);
  expect((await statesNow()).at(-1)).toBe('2026-11-24 held');
});

test('a held digest that is cancelled costs readers nothing: its articles come with the next one', async () => {
  const publication = await publishWithApproval();
  const [ada] = await addReaders(testApp, publication, ['ada@example.com']);
  await addArticles(testApp, publication, 'Harbour');
  await plan(HOUR_MS);
  await decide(cancelDigest);
  const moved = await reloadReader(testApp, ada ?? { id: '' });
  expect([moved.watermark, moved.nextDueAt]).toEqual([0, new Date('2026-11-23T10:00:00Z')]);
  await testApp.context.db.run(sql`update publications set approval = false`);
  await plan(DAY_MS);
  expect(await mailed()).toEqual(['ada@example.com: Harbour']);
});

test('readers of other cadences and newsletters do not wait for a held digest', async () => {
  const publication = await publishWithApproval();
  const other = await testApp.createPublication({ slug: 'tide', defaultCadence: 'daily', hour: 13 });
  await addReaders(testApp, publication, ['ada@example.com']);
  await addReaders(testApp, other, ['ben@example.com']);
  for (const each of [publication, other]) await addArticles(testApp, each, `For ${each.slug}`);
  await plan(HOUR_MS);
  await addReaders(testApp, publication, ['cleo@example.com'], {
    cadence: 'weekly',
    weekday: 1,
    watermark: 0,
  });
  expect(await mailed()).toEqual(['ben@example.com: For tide']);
  await testApp.context.db.run(sql`update publications set approval = false`);
  await plan(DAY_MS);
  expect(await mailed()).toEqual(['ben@example.com: For tide', 'cleo@example.com: For lantern']);
});

test('an instant digest waits too, with all after it, and each goes out in its order', async () => {
  const publication = await publishWithApproval({ defaultCadence: 'instant' });
  const [ada] = await addReaders(testApp, publication, ['ada@example.com']);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  expect(await statesNow()).toEqual(['1 held']);
  await addArticles(testApp, publication, 'Storm');
  await testApp.handlers.sweep({});
  await testApp.runDueJobs();
  expect([await statesNow(), await mailed()]).toEqual([['1 held'], []]);
  await decide(approveDigest);
  expect(await mailed()).toEqual(['ada@example.com: Harbour']);
  expect(await statesNow()).toEqual(['1 sending', '2 held']);
  expect((await reloadReader(testApp, ada ?? { id: '' })).watermark).toBe(1);
  await decide(cancelDigest);
  await addArticles(testApp, publication, 'Moon');
  await testApp.runDueJobs();
  expect(await statesNow()).toEqual(['1 sending', '2 cancelled', '3 held']);
  await decide(approveDigest);
  expect(await mailed()).toEqual(['ada@example.com: Harbour', 'ada@example.com: Moon']);
});

test('an instant reader whose articles wait in a held daily digest is looked at again, and gets them', async () => {
  const publication = await publishWithApproval({ defaultCadence: 'instant' });
  await addReaders(testApp, publication, ['ada@example.com']);
  const { db } = testApp.context;
  await db.run(sql`update publications set approval = false`);
  await addArticles(testApp, publication, 'One', 'Two', 'Three', 'Four');
  await db.run(sql`update publications set approval = true`);
  await testApp.runDueJobs();
  expect([await statesNow(), await mailed()]).toEqual([['2026-11-22 held'], []]);
  await decide(approveDigest);
  await plan(15 * 60_000);
  expect(await mailed()).toEqual(['ada@example.com: One,Two,Three,Four']);
});

test('with a third more readers than last time, a digest waits for an operator', async () => {
  const publication = await publish();
  await addReaders(testApp, publication, readerAddresses(120));
  await addArticles(testApp, publication, 'Harbour');
  await plan(HOUR_MS);
  expect(await statesNow()).toEqual(['2026-11-22 sending']);
  await addReaders(
    testApp,
    publication,
    readerAddresses(80).map((email) => `imported-${email}`),
  );
  await addArticles(testApp, publication, 'Storm');
  await plan(DAY_MS);
  const [, held] = await digests();
  expect(held).toMatchObject({
    state: 'held',
    reason: expect.stringContaining('for 200 readers, and the last one was for 120 (67 % more)'),
  });
  expect(await mailed()).toHaveLength(120);
  await decide(approveDigest);
  expect(await mailed()).toHaveLength(320);
  // Now that is the usual number.
  await addArticles(testApp, publication, 'Moon');
  await plan(DAY_MS);
  expect(await mailed()).toHaveLength(520);
});

test('without a postal address nobody is mailed, however few they are, also by an operator’s digest', async () => {
  const publication = await publish({ postalAddress: null });
  await addReaders(testApp, publication, readerAddresses(2));
  await addArticles(testApp, publication, 'Harbour');
  await plan(HOUR_MS);
  await sendOperatorDigest(testApp.context, publication.id);
  await testApp.runDueJobs();
  for (const { state, reason } of await digests()) {
    expect([state, reason]).toEqual(['held', expect.stringContaining('no postal address')]);
  }
  expect([(await digests()).length, await mailed()]).toEqual([2, []]);
  const [first, ordered] = await digests();
  for (const digest of [first, ordered])
    expect(await approveDigest(testApp.context, digest?.id ?? '')).toEqual({
      kind: 'refused',
      state: 'held',
      isAddressMissing: true,
    });
  await testApp.runDueJobs();
  expect(await mailed()).toEqual([]);
  await updatePublication(testApp.context, publication.id, { postalAddress: '4 Quay Street, Marrowby' });
  await approveDigest(testApp.context, ordered?.id ?? '');
  await testApp.runDueJobs();
  expect(await mailed()).toHaveLength(2);
});

test('an operator’s digest that is cancelled while its readers are being found finds no more of them', async () => {
  const publication = await publish();
  await addReaders(testApp, publication, readerAddresses(1500));
  const [article = ''] = await addArticles(testApp, publication, 'Harbour');
  const sent = await sendOperatorDigest(testApp.context, publication.id, { articleIds: [article] });
  const digestId = sent.kind === 'sending' ? sent.digestId : '';
  const planning = testApp.handlers['plan-digest']({ digestId });
  while ((await listDeliveries(testApp)).length === 0) await sleep(2);
  await cancelDigest(testApp.context, digestId);
  await planning;
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toEqual([]);
  const states = new Set((await listDeliveries(testApp)).map(({ state }) => state));
  expect([...states]).toEqual(['skipped']);
});
