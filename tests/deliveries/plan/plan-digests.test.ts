import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { lockArticles } from '../../../src/articles/writes.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { planDue, planInstant } from '../../../src/deliveries/plan/plan-digests.js';
import { CHUNK_SIZE } from '../../../src/deliveries/chunks.js';
import { recordReadersJoined, queueDeliveries } from '../../../src/deliveries/plan/queue-deliveries.js';
import { createSuppressedFinder } from '../../../src/deliveries/plan/suppressed-readers.js';
import { listDigests } from '../../../src/digests/reads.js';
import { requireDigestOfPeriod } from '../../../src/digests/open/open-digest.js';
import type { Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReader,
  addReaders,
  readerAddresses,
  advanceAndRunJobs,
  reloadReader,
  type ReaderSettings,
} from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { archivePublication } from '../../../src/publications/change-publication.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';
import { listDeliveries, describePlan } from '../../support/deliveries.js';

let testApp: TestApp;
let publication: Publication;

/** Sunday, 06:00 in Nairobi: an hour before the readers' hour. */
beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await testApp.createPublication();
});
afterEach(() => testApp.close());

const reader = (email: string, settings?: ReaderSettings) => addReader(testApp, publication, email, settings);
const articles = (...titles: string[]) => addArticles(testApp, publication, ...titles);
const planNow = () => planInstant(testApp.context, publication.id);
const digests = () => listDigests(testApp.context.db, publication.id, 100);

/** Time passes to the readers' hour, and they are planned. */
const hourComes = async (milliseconds = HOUR_MS) => {
  testApp.advanceClock(milliseconds);
  await planDue(testApp.context);
};

describe('instant readers', () => {
  test('get one digest per article in order, and a second plan finds nobody', async () => {
    await reader('ada@example.com');
    await reader('bea@example.com', { locale: 'sw' });
    await articles('Harbour', 'Storm');
    await planNow();
    expect(await describePlan(testApp)).toEqual([
      'ada@example.com instant 1: Harbour',
      'bea@example.com instant 1: Harbour',
      'ada@example.com instant 2: Storm',
      'bea@example.com instant 2: Storm',
    ]);
    const before = await dumpTables(testApp.context.db);
    await planNow();
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });

  test('get more than three at once as one digest of the day, with one digest a day', async () => {
    const ada = await reader('ada@example.com');
    await articles('One', 'Two', 'Three', 'Four');
    await planNow();
    await articles('Five', 'Six', 'Seven', 'Eight');
    await planNow();
    const today = ['ada@example.com daily 2026-11-22: One, Two, Three, Four'];
    expect(await describePlan(testApp)).toEqual(today);
    expect((await reloadReader(testApp, ada)).nextDueAt).toEqual(new Date('2026-11-23T04:00:00Z'));
    await hourComes(DAY_MS + HOUR_MS);
    const tomorrow = 'ada@example.com daily 2026-11-23: Five, Six, Seven, Eight';
    expect(await describePlan(testApp)).toEqual([...today, tomorrow]);
    expect(await reloadReader(testApp, ada)).toMatchObject({ watermark: 8, nextDueAt: null });
  });

  test('who confirmed after an article was released are not due it', async () => {
    await articles('Yesterday');
    const [current] = await testApp.context.db.many<{ lastSeq: number }>(
      sql`select last_seq from publications`,
    );
    await reader('ada@example.com', { watermark: current?.lastSeq ?? 0 });
    await articles('Today');
    await planNow();
    expect(await describePlan(testApp)).toEqual(['ada@example.com instant 2: Today']);
  });

  test('a late reader is added to a digest that was closed, and it opens again', async () => {
    await reader('ada@example.com');
    await articles('Harbour');
    await advanceAndRunJobs(testApp, 0);
    await advanceAndRunJobs(testApp, 0);
    expect((await digests()).map(({ state }) => state)).toEqual(['closed']);
    await reader('late@example.com', { watermark: 0 });
    await planNow();
    expect((await digests()).map(({ state }) => state)).toEqual(['sending']);
    await advanceAndRunJobs(testApp, 0);
    await advanceAndRunJobs(testApp, 0);
    expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['ada@example.com', 'late@example.com']);
    expect((await digests()).map(({ state }) => state)).toEqual(['closed']);
  });

  test('a reader who is added at the moment when the digest closes is still sent it', async () => {
    const { db, now } = testApp.context;
    const ada = await reader('ada@example.com');
    const late = await reader('late@example.com', { cadence: 'monthly' });
    const [harbour = ''] = await articles('Harbour');
    await planInstant(testApp.context, publication.id);
    const [digest] = await digests();
    if (digest === undefined) throw new Error('Nothing was planned');
    await db.run(sql`update deliveries set state = 'accepted'`);
    await db.run(sql`update batches set due_at = null`);
    const sweeping = await db.transaction(async (tx) => {
      const key = { publicationId: publication.id, cadence: 'instant', period: '1' } as const;
      const joined = await requireDigestOfPeriod(tx, key);
      const readers = [{ reader: late, articles: [{ id: harbour, seq: 1 }] }];
      const findSuppressed = createSuppressedFinder(publication.id);
      await queueDeliveries(tx, { digestId: joined.id, readers, findSuppressed }, now());
      await recordReadersJoined(tx, [{ id: joined.id, closesAt: null }], now());
      const swept = testApp.handlers.sweep({});
      await untilWaiting(db);
      return { swept };
    });
    await sweeping.swept;
    await testApp.runDueJobs();
    expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['late@example.com']);
    expect((await reloadReader(testApp, ada)).watermark).toBe(1);
  });
});

describe('readers with a rhythm', () => {
  test('of all zones share one digest per local date, week and month', async () => {
    for (const timezone of ['Pacific/Kiritimati', 'Africa/Nairobi', 'Pacific/Honolulu'])
      await reader(`${timezone.toLowerCase().split('/')[1]}@example.com`, { cadence: 'daily', timezone });
    await reader('weekly@example.com', { cadence: 'weekly', weekday: 7 });
    await reader('monthly@example.com', { cadence: 'monthly', dayOfMonth: 22 });
    await articles('Harbour', 'Storm');
    for (let hour = 0; hour < 24; hour += 1) await hourComes();
    expect((await describePlan(testApp)).toSorted()).toEqual(
      [
        'nairobi@example.com daily 2026-11-22: Harbour, Storm',
        'honolulu@example.com daily 2026-11-22: Harbour, Storm',
        'monthly@example.com monthly 2026-11: Harbour, Storm',
        'weekly@example.com weekly 2026-W47: Harbour, Storm',
        'kiritimati@example.com daily 2026-11-23: Harbour, Storm',
      ].toSorted(),
    );
    const all = await digests();
    expect(all.map(({ cadence, period }) => `${cadence} ${period}`).sort()).toEqual([
      'daily 2026-11-22',
      'daily 2026-11-23',
      'monthly 2026-11',
      'weekly 2026-W47',
    ]);
    const daily = all.find(({ period }) => period === '2026-11-22');
    expect(daily?.closesAt).toEqual(new Date('2026-11-23T12:00:00Z'));
  });

  test('without new articles get no digest, and are due at their next hour', async () => {
    const ada = await reader('ada@example.com', { cadence: 'daily' });
    await hourComes();
    expect(await digests()).toEqual([]);
    expect((await reloadReader(testApp, ada)).nextDueAt).toEqual(new Date('2026-11-23T04:00:00Z'));
  });

  test('one who moves her hour after today’s digest gets no second one today, and loses nothing', async () => {
    const ada = await reader('ada@example.com', { cadence: 'daily' });
    await articles('Harbour');
    await hourComes();
    expect(await describePlan(testApp)).toEqual(['ada@example.com daily 2026-11-22: Harbour']);
    await testApp.context.db.run(sql`
      update subscriptions set hour = 18, next_due_at = ${new Date('2026-11-22T15:00:00Z')} where id = ${ada.id}
    `);
    await articles('Storm');
    await hourComes(11 * HOUR_MS);
    expect(await describePlan(testApp)).toHaveLength(1);
    const moved = await reloadReader(testApp, ada);
    expect(moved).toMatchObject({ watermark: 1, nextDueAt: new Date('2026-11-23T15:00:00Z') });
    await hourComes(DAY_MS);
    expect(await describePlan(testApp)).toEqual([
      'ada@example.com daily 2026-11-22: Harbour',
      'ada@example.com daily 2026-11-23: Storm',
    ]);
  });

  test('get everything in one digest after the planner was down for two days', async () => {
    const ada = await reader('ada@example.com', { cadence: 'daily' });
    await articles('Harbour');
    testApp.advanceClock(DAY_MS);
    await articles('Storm');
    await hourComes(DAY_MS + 2 * HOUR_MS);
    expect(await describePlan(testApp)).toEqual(['ada@example.com daily 2026-11-24: Harbour, Storm']);
    expect((await reloadReader(testApp, ada)).nextDueAt).toEqual(new Date('2026-11-25T04:00:00Z'));
  });

  test('daily digests close when the day is over in the last zone, and not before', async () => {
    await reader('ada@example.com', { cadence: 'daily' });
    await articles('Harbour');
    await hourComes();
    const closing = new Date('2026-11-23T12:00:00Z').getTime();
    await advanceAndRunJobs(testApp, closing - testApp.context.now().getTime() - 1);
    expect((await listDeliveries(testApp)).map(({ state }) => state)).toEqual(['accepted']);
    expect((await digests()).map(({ state }) => state)).toEqual(['sending']);
    await advanceAndRunJobs(testApp, 1);
    expect((await digests()).map(({ state }) => state)).toEqual(['closed']);
  });
});

test('pending, paused and unsubscribed readers are never planned, whatever their rows say', async () => {
  for (const status of ['pending', 'paused', 'unsubscribed'] as const)
    for (const cadence of ['instant', 'daily'] as const)
      await reader(`${status}-${cadence}@example.com`, { status, cadence });
  await articles('Harbour');
  await planNow();
  await hourComes(DAY_MS);
  expect(await listDeliveries(testApp)).toEqual([]);
});

test('an archived publication plans nobody, and its readers are not due again', async () => {
  const instant = await reader('ada@example.com');
  const daily = await reader('bea@example.com', { cadence: 'daily' });
  await articles('Harbour');
  await archivePublication(testApp.context, publication.id);
  await planNow();
  await hourComes();
  expect(await digests()).toEqual([]);
  expect((await reloadReader(testApp, daily)).nextDueAt).toBeNull();
  expect((await reloadReader(testApp, instant)).watermark).toBe(0);
});

describe('3,000 readers', () => {
  const count = 3_000;

  test('two instant planners at once plan each of them once', async () => {
    await addReaders(testApp, publication, readerAddresses(count));
    await articles('Harbour', 'Storm');
    await Promise.all([planNow(), planNow()]);
    await expectEveryoneOnce(count * 2);
    expect(await digests()).toHaveLength(2);
    const { least } = await testApp.context.db.one<{ least: number }>(
      sql`select min(watermark) as least from subscriptions`,
    );
    expect(least).toBe(2);
  });

  test('two planners of the due at once plan each of them once, in two newsletters', async () => {
    const other = await testApp.createPublication({ slug: 'tide', name: 'The Tide' });
    await addReaders(testApp, publication, readerAddresses(count / 2), { cadence: 'daily' });
    await addReaders(testApp, other, readerAddresses(count).slice(count / 2), { cadence: 'daily' });
    await articles('Harbour');
    await addArticles(testApp, other, 'Moon');
    testApp.advanceClock(HOUR_MS);
    await dueInOppositeOrders(publication.id, other.id);
    await Promise.all([planDue(testApp.context), planDue(testApp.context), planDue(testApp.context)]);
    await expectEveryoneOnce(count);
    expect((await digests()).length + (await listDigests(testApp.context.db, other.id, 9)).length).toBe(2);
    const { due } = await testApp.context.db.one<{ due: number }>(
      sql`select count(*) as due from subscriptions where next_due_at <= ${testApp.context.now()}`,
    );
    expect(due).toBe(0);
  });

  test('a planner that dies in its second chunk leaves every chunk whole or untouched', async () => {
    await addReaders(testApp, publication, readerAddresses(count));
    await articles('Harbour');
    const dying = { ...testApp.context, db: failInTransaction(testApp.context.db, 2) };
    await expect(planInstant(dying, publication.id)).rejects.toThrow('power cut');
    const chunks = await halfDone();
    for (const { planned, moved, both } of chunks) {
      expect([0, CHUNK_SIZE]).toContain(planned);
      expect([moved, both]).toEqual([planned, planned]);
    }
    // The other chunk in flight was finished; a third may have been begun, and the one that died is left.
    expect([1, 2]).toContain(chunks.filter(({ planned }) => planned === CHUNK_SIZE).length);
    expect(await digests()).toMatchObject([{ state: 'sending', closesAt: null }]);
    await planNow();
    expect(await halfDone()).toEqual(
      [1, 2, 3].map(() => ({ planned: CHUNK_SIZE, moved: CHUNK_SIZE, both: CHUNK_SIZE })),
    );
    await expectEveryoneOnce(count);
    expect(await digests()).toHaveLength(1);
    const before = await dumpTables(testApp.context.db);
    await planNow();
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });
});

/** Each reader and article once, in batches with one job each. */
async function expectEveryoneOnce(deliveries: number): Promise<void> {
  const { db } = testApp.context;
  const found = await db.one(sql`
    select count(*) as deliveries,
           count(distinct (d.subscription_id, v.article_ids)) as different,
           (select count(*) from subscriptions s where s.status = 'confirmed'
               and not exists (select from deliveries d where d.subscription_id = s.id)) as missed,
           (select count(*) from batches) - (select count(distinct payload) from outbox where name = 'send-batch') as asleep
      from deliveries d
      join variants v on v.id = d.variant_id
  `);
  expect(found).toEqual({ deliveries, different: deliveries, missed: 0, asleep: 0 });
}

/** The first chunk begins with one newsletter, the second with the other: their planners must not deadlock. */
async function dueInOppositeOrders(one: string, other: string): Promise<void> {
  const ago = (hours: number) => new Date(testApp.context.now().getTime() - hours * HOUR_MS);
  for (const [publicationId, first, second] of [
    [one, ago(4), ago(1)],
    [other, ago(3), ago(2)],
  ] as const)
    await testApp.context.db.run(sql`
      update subscriptions s
         set next_due_at = case when place <= 500 then ${first}::timestamptz
                                when place <= 1000 then ${second}::timestamptz
                                else next_due_at end
        from (select id, row_number() over (order by id) as place
                from subscriptions where publication_id = ${publicationId}) as placed
       where s.id = placed.id
    `);
}

/** Chunk by chunk, as a pass goes through readers. */
function halfDone(): Promise<{ planned: number; moved: number; both: number }[]> {
  return testApp.context.db.many(sql`
    select count(d.subscription_id) as planned,
           count(*) filter (where s.watermark > 0) as moved,
           count(d.subscription_id) filter (where s.watermark > 0) as both
      from (select id, watermark, (row_number() over (order by id) - 1) / ${CHUNK_SIZE}::integer as chunk
              from subscriptions) s
      left join deliveries d on d.subscription_id = s.id
     group by s.chunk
     order by s.chunk
  `);
}

/** A database whose nth transaction fails just before its commit. */
function failInTransaction(db: Db, nth: number): Db {
  let worked = 0;
  return {
    ...db,
    transaction: (work) =>
      db.transaction(async (tx) => {
        const done = await work(tx);
        worked += 1;
        if (worked === nth) throw new Error('power cut');
        return done;
      }),
  };
}

/** Waits until a statement waits for a lock. */
async function untilWaiting(db: Db): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const waiting = await db.many(sql`
      select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `);
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('Nobody waits for a lock');
}

describe('after an outage over the hour of readers', () => {
  /** It is to be released before her hour; nothing releases it until everything is late. */
  const waitingArticle = async () => {
    const { db, now } = testApp.context;
    const releaseAt = new Date(now().getTime() + HOUR_MS / 2);
    await pushArticle(testApp.context, publication, {
      ...{ title: 'Harbour', url: 'https://lantern.example/harbour', content: '<p>Told in full.</p>' },
      publishedAt: releaseAt,
    });
    await db.run(sql`delete from outbox`);
  };

  test.each(['weekly', 'monthly', 'daily'] as const)(
    'a %s reader gets the article that was due before her hour, though planning runs first',
    async (cadence) => {
      await reader('ada@example.com', { cadence, weekday: 7, dayOfMonth: 22 });
      await waitingArticle();
      await hourComes(3 * HOUR_MS);
      await testApp.handlers['release-due']({});
      await testApp.runDueJobs();
      const [plan, ...others] = await describePlan(testApp);
      expect([plan, others]).toEqual([expect.stringMatching(/^ada@example.com .*: Harbour$/), []]);
    },
  );

  test('what is being written at that moment is waited for', async () => {
    await reader('ada@example.com', { cadence: 'weekly', weekday: 7 });
    await waitingArticle();
    const { db } = testApp.context;
    const before = await db.one<{ releaseAt: Date }>(sql`
      update articles set release_at = release_at + interval '9 days' returning release_at - interval '9 days' as release_at
    `);
    testApp.advanceClock(3 * HOUR_MS);
    let planned: Promise<void> | undefined;
    await db.transaction(async (tx) => {
      await lockArticles(tx, publication.id);
      planned = planDue(testApp.context);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await tx.run(sql`update articles set release_at = ${before.releaseAt}`);
    });
    await planned;
    expect(await describePlan(testApp)).toHaveLength(1);
  });

  test('an operator’s digest has what was to be released before it', async () => {
    await reader('ada@example.com', { cadence: 'weekly', weekday: 1 });
    await waitingArticle();
    const sendAt = new Date(testApp.context.now().getTime() + HOUR_MS);
    await sendOperatorDigest(testApp.context, publication.id, { sendAt });
    testApp.advanceClock(3 * HOUR_MS);
    await testApp.runDueJobs();
    expect(await describePlan(testApp)).toEqual(['ada@example.com operator : Harbour']);
  });

  test('a publication that cannot release keeps only its own readers waiting, and they get all of it later', async () => {
    const other = await testApp.createPublication({ slug: 'other', holdMinutes: 0 });
    await reader('ada@example.com', { cadence: 'weekly', weekday: 7 });
    await addReader(testApp, other, 'bea@example.com', { cadence: 'daily' });
    await waitingArticle();
    await addArticles(testApp, other, 'Storm');
    const { db } = testApp.context;
    await db.run(sql`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'No' using errcode = '53300'; end $$
    `);
    await db.run(sql`
      create trigger refuse before update on articles for each row when (new.title = 'Harbour') execute function refuse()
    `);
    testApp.advanceClock(3 * HOUR_MS);
    await expect(planDue(testApp.context)).rejects.toThrow('No');
    expect((await describePlan(testApp)).map((line) => line.split(' ')[0])).toEqual(['bea@example.com']);
    await db.run(sql`drop trigger refuse on articles`);
    await planDue(testApp.context);
    expect(await describePlan(testApp)).toHaveLength(2);
  });
});
