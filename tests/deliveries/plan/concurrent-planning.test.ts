import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { planDue, planInstant } from '../../../src/deliveries/plan/plan-digests.js';
import { cancelDigest } from '../../../src/digests/change-state.js';
import { recordReadersJoined, queueDeliveries } from '../../../src/deliveries/plan/queue-deliveries.js';
import { createSuppressedFinder } from '../../../src/deliveries/plan/suppressed-readers.js';
import { openDigest } from '../../../src/digests/open/open-digest.js';
import { listDigests } from '../../../src/digests/reads.js';
import type { Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { changeChoices } from '../../../src/subscribers/preferences/change-choices.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader, addReaders, readerAddresses } from '../../support/fixtures.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';

let testApp: TestApp;
let publication: Publication;

beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await testApp.createPublication({ postalAddress: 'Harbour Road 1, Mombasa' });
});
afterEach(() => testApp.close());

test('21,500 readers who are due at once get one digest each from three planners, one of which is killed half-way', async () => {
  const { db } = testApp.context;
  const count = 21_500;
  await addReaders(testApp, publication, readerAddresses(count), { cadence: 'daily' });
  // In all hours and zones, so that the order of due times is not that of ids.
  await db.run(sql`
    update subscriptions
       set hour = abs(hashtext(id::text)) % 24,
           timezone = (array['Pacific/Kiritimati', 'Africa/Nairobi', 'America/St_Johns'])[1 + abs(hashtext(id::text)) % 3],
           next_due_at = next_due_at - abs(hashtext(id::text)) % 1440 * interval '1 minute'
  `);
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  testApp.advanceClock(24 * HOUR_MS);
  const killed = planDue({ ...testApp.context, db: failInTransaction(db, 3) });
  await Promise.all([planDue(testApp.context), planDue(testApp.context), expect(killed).rejects.toThrow()]);
  // The next pass finds those whose rows the killed planner had locked.
  await planDue(testApp.context);
  expect(await summary()).toEqual({ deliveries: count, readers: count, moved: count, due: 0, asleep: 0 });
});

test('readers who are being planned as instant and as due by several planners get each article once', async () => {
  const { db } = testApp.context;
  const count = 2_500;
  await addReaders(testApp, publication, readerAddresses(count));
  await db.run(sql`
    update subscriptions
       set cadence = 'daily', next_due_at = ${testApp.context.now()}
     where id in (select id from subscriptions order by id limit 1200)
  `);
  await addArticles(testApp, publication, 'Harbour');
  const planners = [0, 1, 2].flatMap(() => [
    planInstant(testApp.context, publication.id),
    planDue(testApp.context),
  ]);
  await Promise.all(planners);
  expect(await summary()).toEqual({ deliveries: count, readers: count, moved: count, due: 0, asleep: 0 });
});

test('a reader who changes her cadence while she is being planned keeps the one she chose', async () => {
  const readers = await addReaders(testApp, publication, readerAddresses(400));
  await addArticles(testApp, publication, 'Harbour');
  const changed = readers.filter((_, at) => at % 2 === 0);
  await Promise.all([
    planInstant(testApp.context, publication.id),
    ...changed.map(({ id }) => changeChoices(testApp.context, id, { cadence: 'weekly' })),
  ]);
  testApp.advanceClock(8 * 24 * HOUR_MS);
  await planDue(testApp.context);
  const { without } = await testApp.context.db.one<{ without: number }>(sql`
    select count(*) as without
      from subscriptions s
     where s.cadence = 'weekly'
       and (s.next_due_at is null or s.next_due_at <= ${testApp.context.now()})
  `);
  expect(without).toBe(0);
  expect((await listDeliveries(testApp)).map(({ email }) => email).sort()).toEqual(
    readerAddresses(400).sort(),
  );
});

test('a reader who is added to a digest at the moment when it is cancelled is skipped with the others', async () => {
  const { db, now, links } = testApp.context;
  const ada = await addReader(testApp, publication, 'ada@example.com');
  const [harbour = ''] = await addArticles(testApp, publication, 'Harbour');
  const key = { publicationId: publication.id, cadence: 'instant', period: '1' } as const;
  const digest = { ...key, closesAt: null, keyId: links.keyId };
  await db.transaction((tx) => openDigest(tx, digest, now()));
  await db.transaction(async (tx) => {
    const { id } = await openDigest(tx, digest, now());
    await queueDeliveries(
      tx,
      {
        digestId: id,
        readers: [{ reader: ada, articles: [{ id: harbour, seq: 1 }] }],
        findSuppressed: createSuppressedFinder(publication.id),
      },
      now(),
    );
    expect((await cancelDigest(testApp.context, id)).kind).toBe('done');
    await testApp.runDueJobs();
    await recordReadersJoined(tx, [{ id, closesAt: null }], now());
  });
  await testApp.runDueJobs();
  expect((await listDigests(db, publication.id, 9)).map(({ state }) => state)).toEqual(['cancelled']);
  expect(await listDeliveries(testApp)).toMatchObject([{ state: 'skipped', skipReason: 'cancelled' }]);
  expect(testApp.smtp.messages).toEqual([]);
});

function summary() {
  return testApp.context.db.one(sql`
    select (select count(*) from deliveries) as deliveries,
           (select count(distinct subscription_id) from deliveries) as readers,
           (select count(*)
              from subscriptions s
              join publications p on p.id = s.publication_id
             where s.watermark = p.last_seq) as moved,
           (select count(*) from subscriptions where next_due_at <= ${testApp.context.now()}) as due,
           (select count(*) from batches) - (select count(distinct payload) from outbox where name = 'send-batch')
             as asleep
  `);
}

/** A database whose server ends the connection of the nth transaction just before its commit. */
function failInTransaction(db: Db, nth: number): Db {
  let transactions = 0;
  return {
    ...db,
    transaction: (work) => {
      transactions += 1;
      if (transactions !== nth) return db.transaction(work);
      return db.transaction(async (tx) => {
        const result = await work(tx);
        await tx.run(sql`select pg_terminate_backend(pg_backend_pid())`);
        return result;
      });
    },
  };
}
