import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';

/** Everything that events change, one line each, without ids and times that differ from run to run. */
export async function describeState(db: Db): Promise<string[]> {
  const rows = await db.many<{ line: string }>(sql`
    select concat_ws(' ', 'suppression', encode(address_hash, 'hex'), publication_id is null, reason) as line from suppressions
     union all
    select concat_ws(' ', 'subscription', number, status) from subscriptions
     union all
    select concat_ws(' ', 'bounce', s.number, g.period, deferred_at, given_up_at, is_reported, is_hard)
      from soft_bounces b join subscriptions s on s.id = b.subscription_id join digests g on g.id = b.digest_id
     union all
    select concat_ws(' ', 'event', encode(e.key, 'hex'), e.class, e.status, e.match, e.reason, e.occurred_at, s.number, g.period)
      from events e left join subscriptions s on s.id = e.subscription_id left join digests g on g.id = e.digest_id
     union all
    select concat_ws(' ', 'consent', s.number, c.kind, count(*))
      from consents c join subscriptions s on s.id = c.subscription_id group by s.number, c.kind
     union all
    select concat_ws(' ', 'delivery', g.period, d.state, count(*))
      from deliveries d join digests g on g.id = d.digest_id group by g.period, d.state
     union all
    select concat_ws(' ', 'activity', kind, count(*))
      from activity where kind not like 'suppression.%' group by kind
  `);
  return rows.map(({ line }) => line).toSorted();
}
