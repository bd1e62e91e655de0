import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { resolveDigest } from '../../../src/deliveries/control/resolve-digest.js';
import { retryDigest } from '../../../src/deliveries/control/retry-digest.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { purgeHistory } from '../../../src/deliveries/purge/purge-history.js';
import { findDigest } from '../../../src/digests/reads.js';
import { holdMail, readInstallation, releaseMailHold } from '../../../src/platform/restore/installation.js';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../../support/fixtures.js';
import { enterDashboard, readDashboardPage } from '../../support/operator-session.js';
import { createConfirmedReader } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let articleId: string;
let digestId: string;

beforeAll(async () => {
  // Ids of rows begin with the time of the database.
  testApp = await openTestApp({ now: new Date() });
});
afterAll(() => testApp.close());

/** A digest to five readers: three have it, one bounced, and of one nobody knows. */
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ defaultCadence: 'weekly' });
  await addReaders(testApp, publication, readerAddresses(5));
  [articleId = ''] = await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage, to) =>
    stage === 'rcpt' && to.includes('-4@') ? '550 5.1.1 Nobody here' : undefined,
  );
  const sent = await sendOperatorDigest(testApp.context, publication.id);
  digestId = sent.kind === 'sending' ? sent.digestId : '';
  await testApp.runDueJobs();
  await testApp.handlers.sweep({});
  testApp.smtp.setScript(() => undefined);
  await testApp.context.db.run(sql`
    update deliveries set state = 'uncertain'
     where digest_id = ${digestId}
       and subscription_id = (select subscription_id from deliveries where state = 'accepted' order by 1 limit 1)
  `);
  expect((await findDigest(testApp.context.db, digestId))?.state).toBe('closed');
});

type Kept = { state: string; variantId: string; details: number };

function readKept(): Promise<Kept[]> {
  return testApp.context.db.many<Kept>(sql`
    select state, variant_id,
           num_nonnulls(address_hash, answer, provider_message_id, transport_id, next_attempt_at) as details
      from deliveries
     where digest_id = ${digestId}
     order by subscription_id
  `);
}

const countRenderings = async () =>
  (
    await testApp.context.db.one<{ count: number }>(
      sql`select count(*) as count from variants where mime is not null`,
    )
  ).count;
const later = (months: number) => testApp.advanceClock(months * 31 * DAY_MS);
const purge = () => testApp.handlers.purge({});

test('after 24 months only who got which articles is kept of a digest, and nobody is mailed them twice', async () => {
  const before = await readKept();
  later(23);
  await purge();
  expect(await readKept()).toEqual(before);
  later(2);
  await purge();
  await purge();
  expect(await readKept()).toEqual(before.map((row) => ({ ...row, details: 0 })));
  expect(await countRenderings()).toBe(0);
  expect((await findDigest(testApp.context.db, digestId))?.detailsDeletedAt).toEqual(testApp.context.now());

  const again = await sendOperatorDigest(testApp.context, publication.id, { articleIds: [articleId] });
  expect(again.kind).toBe('nobody-due');
  expect((await sendOperatorDigest(testApp.context, publication.id)).kind).toBe('nobody-due');
  const archived = await fetch(`${testApp.url}/lantern/archive/${digestId}`);
  expect([archived.status, (await archived.text()).includes('Harbour')]).toEqual([200, true]);
});

test('what was deleted is not sent again: operators are told why, at each door', async () => {
  later(25);
  await purge();
  const { context } = testApp;
  expect(await retryDigest(context, digestId)).toEqual({ kind: 'refused', state: 'closed', isTooOld: true });
  expect(await resolveDigest(context, digestId, { as: 'resend' })).toMatchObject({
    kind: 'refused',
    isTooOld: true,
  });
  const cookie = await enterDashboard(testApp);
  const page = await readDashboardPage(
    testApp,
    `/publications/lantern/digests/${digestId}?done=retry-refused`,
    cookie,
  );
  expect(page).toContain('It was over so long ago that its mails were deleted');
  expect(page).toContain('Who got which articles is kept, so that nobody is mailed them twice.');
  expect(page).not.toMatch(/Try \d+ again|Send them again/);
  expect(await resolveDigest(context, digestId, { as: 'accepted' })).toEqual({ kind: 'done', count: 1 });
  expect(testApp.smtp.messages).toHaveLength(4);
});

test('single mails go after as long, and not those that are still to be sent', async () => {
  const { db } = testApp.context;
  await createConfirmedReader(testApp, 'new@example.com');
  const count = async () =>
    (await db.one<{ count: number }>(sql`select count(*) as count from notices`)).count;
  const made = await count();
  expect(made).toBeGreaterThan(1);
  later(23);
  await purge();
  expect(await count()).toBe(made);
  await db.run(sql`update notices set due_at = created_at where id = (select id from notices limit 1)`);
  later(2);
  await purge();
  expect(await count()).toBe(1);
});

test('a run that is cut short goes on where it was; a digest that is paused, or was tried again lately, keeps all', async () => {
  const { context } = testApp;
  later(25);
  for (const state of ['paused', 'sending', 'held', 'approved']) {
    await context.db.run(sql`update digests set state = ${state} where id = ${digestId}`);
    await purgeHistory(context);
    expect((await readKept()).every(({ details }) => details > 0)).toBe(true);
  }
  await context.db.run(
    sql`update digests set state = 'closed', expires_at = ${context.now()} where id = ${digestId}`,
  );
  await purgeHistory(context);
  expect((await readKept()).every(({ details }) => details > 0)).toBe(true);
  await context.db.run(sql`update digests set expires_at = created_at where id = ${digestId}`);
  const left = async () => (await readKept()).filter(({ details }) => details > 0).length;
  const lefts: number[] = [];
  for (let run = 0; run < 3; run++) {
    await purgeHistory(context, { chunkSize: 2, maxChunks: 2 });
    lefts.push(await left());
  }
  expect([...lefts, await countRenderings()]).toEqual([1, 0, 0, 0]);
});

test('nothing is deleted while the clock is not trusted, or after a restore until an operator has decided', async () => {
  const { context } = testApp;
  later(25);
  await purgeHistory({ ...context, clock: { ...context.clock, isTrusted: () => false } });
  await readInstallation(context.db);
  await holdMail(context.db, { reason: 'older', survivedCounter: 1 }, context.now());
  await purgeHistory(context);
  expect((await readKept()).every(({ details }) => details > 0)).toBe(true);
  await context.db.transaction((tx) => releaseMailHold(tx));
  await purgeHistory(context);
  expect((await readKept()).every(({ details }) => details === 0)).toBe(true);
});

test('a digest whose details cannot be deleted does not keep the others, and operators see it', async () => {
  const { context } = testApp;
  const { db } = context;
  later(25);
  await db.run(sql`
    insert into digests (publication_id, cadence, period, state, expires_at, key_id, created_at)
    select publication_id, 'daily', '2020-01-01', 'closed', timestamptz '2020-01-01', key_id, created_at from digests
  `);
  await db.run(
    sql`alter table digests add constraint planted check (period <> '2020-01-01' or details_deleted_at is null)`,
  );
  await purge();
  expect((await readKept()).every(({ details }) => details === 0)).toBe(true);
  expect(await db.many(sql`select operation, kind, code from failed_rows`)).toEqual([
    { operation: 'purge-digest', kind: 'digest', code: '23514' },
  ]);
  await db.run(sql`alter table digests drop constraint planted`);
});
