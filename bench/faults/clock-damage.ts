import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Fixture } from '../seed/fixture.js';

/** What a wrong clock must not do. */
export type ClockDamage = {
  /** Mails of the digest that were skipped or rejected, and notices. */
  givenUp: number;
  /** Deliveries of other digests: none is due for hours. */
  planned: number;
  /** Of the people who have not confirmed yet. */
  deleted: number;
  /** Times at which something is to happen, longer away than anything here is. */
  farTimes: number;
};

const PENDING_COUNT = 20;

/** People who signed up just now, and whose sign-up is deleted if they do not confirm within a week. */
export async function seedPending(db: Db, publicationId: string): Promise<void> {
  await db.run(sql`
    with person as (
      insert into subscribers (email, email_key, created_at)
      select address, address, now()
        from generate_series(1, ${PENDING_COUNT}) n, concat('pending-', n, '@mail.example') address
      returning id)
    insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                               timezone, created_at)
    select ${publicationId}, id, 'pending', 'en', 'daily', 7, 1, 1, 'UTC', now()
      from person
  `);
}

export function readClockDamage(
  db: Db,
  { publicationId, warmUpId, readers }: Pick<Fixture, 'publicationId' | 'warmUpId' | 'readers'>,
): Promise<ClockDamage> {
  const ours = sql`digest_id in (select id from digests where publication_id = ${publicationId})`;
  return db.one(sql`
    select (select count(*) from deliveries where ${ours} and state in ('skipped', 'rejected'))
             + (select count(*) from notices where state in ('skipped', 'rejected')) as given_up,
           (select count(*) from deliveries where ${ours}) - ${readers} as planned,
           ${PENDING_COUNT} - (select count(*)
                                 from subscriptions
                                where publication_id = ${publicationId}
                                  and status = 'pending') as deleted,
           (select count(*) from subscriptions where next_due_at not between now() and now() + interval '2 days')
             + (select count(*) from schedules where abs(extract(epoch from next_at - now())) > 7200)
             + (select count(*) from batches where abs(extract(epoch from due_at - now())) > 7200)
             + (select count(*)
                  from outbox
                 where abs(extract(epoch from due_at - now())) > 7200
                   and payload ->> 'digestId' not in (select id::text from digests where publication_id = ${warmUpId}))
             as far_times
  `);
}
