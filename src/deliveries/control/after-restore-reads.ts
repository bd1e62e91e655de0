import type { Db } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** Deliveries planned and not sent, readers whose hour has passed, notices, and articles to be released. */
export type HeldMailCounts = { deliveries: number; readersDue: number; notices: number; articles: number };

export function countHeldMail(db: Db, heldSince: Date, now: Date): Promise<HeldMailCounts> {
  return db.one<HeldMailCounts>(sql`
    select (select coalesce(sum(c.count), 0)::bigint
              from digests g
              join counts c on c.owner_id = g.id
             where g.state in ('sending', 'paused')
               and c.name = 'deliveries'
               and c.key[1] in ('queued', 'deferred')) as deliveries,
           (select count(*) from subscriptions where status = 'confirmed' and next_due_at <= ${now}) as readers_due,
           (select count(*)
              from notices
             where kind <> 'alert'
               and state in ('queued', 'deferred')
               and created_at <= ${heldSince}) as notices,
           (select count(*) from articles where state = 'waiting' and release_at <= ${now}) as articles
  `);
}

/** Digests whose deliveries are not all final. */
export function listUnfinishedDigests(db: Db): Promise<{ id: string }[]> {
  return db.many(sql`
    select id
      from digests
     where state in ('sending', 'paused')
     order by id
  `);
}

/** Operators' digests whose readers are being found, or should have been by now. */
export function listDigestsBeingPlanned(db: Db, now: Date): Promise<{ id: string }[]> {
  return db.many(sql`
    select g.id
      from digests g
     where g.cadence = 'operator'
       and g.closes_at is null
       and (g.state in ('sending', 'paused')
            or (g.state = 'approved'
                and exists (select from outbox o
                             where o.name = 'plan-digest'
                               and o.payload ->> 'digestId' = g.id::text
                               and (o.publish_count > 0 or o.due_at <= ${now}))))
     order by g.id
  `);
}
