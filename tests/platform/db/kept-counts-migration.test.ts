import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkCounts } from '../../../src/dashboard/check-counts.js';
import { migrate } from '../../../src/platform/db/migrate.js';
import { sql } from '../../../src/platform/db/sql.js';
import { readReaderCounts } from '../../../src/subscribers/counts/reads.js';
import { readReaderDays } from '../../../src/subscribers/counts/reader-days.js';
import { createEmptyDatabase, migrateUntil, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.close());

const ID = '01999999-0000-7000-8000-000000000001';

test('what a database has when it is upgraded is counted once, and whoever came or left is on her day', async () => {
  const { db, url } = database;
  await migrateUntil({ url }, '0054');
  await seed();
  await migrate(url);
  const now = () => new Date();
  expect(await checkCounts({ db, now }, { allDigests: true, correct: false })).toEqual([]);
  expect(await readReaderCounts(db, ID)).toMatchObject({
    pending: 1,
    confirmed: 2,
    paused: 1,
    unsubscribed: 1,
    erased: 1,
  });
  const days = await readReaderDays(db, { id: ID, timezone: 'UTC' }, 10, now());
  expect(days.map(({ joined, left }) => [joined, left])).toEqual([
    ...Array.from({ length: 4 }, () => [0, 0]),
    [5, 0],
    [0, 0],
    [0, 2],
    ...Array.from({ length: 3 }, () => [0, 0]),
  ]);
  expect(
    await db.many(
      sql`select name, key, sum(count)::integer as count from counts where name = 'deliveries' group by 1, 2 order by 2`,
    ),
  ).toEqual([
    { name: 'deliveries', key: ['accepted'], count: 2 },
    { name: 'deliveries', key: ['skipped', 'paused'], count: 1 },
  ]);
});

/** Five who confirmed five days ago, of whom two left three days ago and one of those was erased; and one who waits. */
async function seed(): Promise<void> {
  const { db } = database;
  await db.run(sql`
    insert into publications (id, slug, name, site_url, from_name, from_address, created_at)
    values (${ID}, 'post', 'The Post', 'https://post.example', 'The Post', 'news@post.example', now())
  `);
  await db.run(sql`
    with given (n, status, erased) as (
      values (1, 'confirmed', false), (2, 'confirmed', false), (3, 'paused', false), (4, 'unsubscribed', false),
             (5, 'unsubscribed', true), (6, 'pending', false)
    ), people as (
      insert into subscribers (email, email_key, created_at)
      select concat('reader-', n, '@example.com'), concat('reader-', n, '@example.com'), now() from given
      returning id, email
    ), subscribed as (
      insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone,
                                 created_at, confirmed_at, paused_at, unsubscribed_at, erased_at)
      select ${ID}::uuid, p.id, g.status, 'en', 'daily', 7, 1, 1, 'UTC', now() - interval '5 days',
             case when not g.erased and g.status <> 'pending' then now() - interval '5 days' end,
             case when g.status = 'paused' then now() end,
             case when g.status = 'unsubscribed' then now() - interval '3 days' end,
             case when g.erased then now() end
        from given g
        join people p on p.email = concat('reader-', g.n, '@example.com')
      returning id, status, erased_at
    ), proofs as (
      insert into consents (subscription_id, kind, created_at)
      select id, 'confirmed', now() - interval '5 days' from subscribed where erased_at is not null
    )
    insert into deliveries (digest_id, subscription_id, variant_id, batch, state, skip_reason, updated_at)
    select ${ID}::uuid, id, ${ID}::uuid, 1, case status when 'paused' then 'skipped' else 'accepted' end,
           case status when 'paused' then 'paused' end, now()
      from subscribed
     where status in ('confirmed', 'paused')
  `);
  await db.run(
    sql`insert into suppressions (address_hash, reason, created_at) values ('\\x01', 'bounced', now())`,
  );
  await db.run(sql`
    insert into sign_up_requests (publication_id, email, outcome, reasons, created_at)
    values (${ID}, 'x@example.com', 'held', '{flood,disposable}', now())
  `);
}
