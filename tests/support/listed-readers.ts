import { sql } from '../../src/platform/db/sql.js';
import type { TestApp } from './test-app.js';

/** What the list of readers has otherwise than the subscriptions have it; empty: nothing. */
export function differencesOfList({ context }: Pick<TestApp, 'context'>): Promise<unknown[]> {
  return context.db.many(sql`
    with expected as (
      select s.publication_id, s.id, p.email_key, s.status, s.cadence, s.locale, s.topics,
             coalesce(s.confirmed_at, s.created_at) as joined_at,
             (select form_page(c.source)
                from consents c
               where c.subscription_id = s.id and c.kind = 'confirmed'
               order by c.created_at desc, c.id desc
               limit 1) as source
        from subscriptions s
        join subscribers p on p.id = s.subscriber_id
       where s.erased_at is null
    ), listed as (
      select publication_id, subscription_id, email_key, status, cadence, locale, topics, joined_at, source
        from listed_readers
    )
    (select 'missing' as what, e.* from (select * from expected except select * from listed) e)
    union all
    (select 'wrong' as what, l.* from (select * from listed except select * from expected) l)
  `);
}
