import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/**
 * Notes the next readers of a digest as mailed in the month of their mail, or as bounced. Most have been mailed in that month
 * before, and nothing is written for them.
 * @returns the last subscription that was looked at; undefined: there was none left
 */
export function noteNextReaders(
  tx: Tx,
  digest: { id: string; publicationId: string },
  { after, limit }: { after: string; limit: number },
): Promise<{ subscriptionId: string } | undefined> {
  return tx.maybe(sql`
    with chunk as materialized (
      select subscription_id, state, updated_at
        from deliveries
       where digest_id = ${digest.id}
         and subscription_id > ${after}
       order by subscription_id
       limit ${limit}
    ), changing as materialized (
      select l.subscription_id, c.state, c.updated_at
        from chunk c
        join listed_readers l
          on l.publication_id = ${digest.publicationId}
         and l.subscription_id = c.subscription_id
       where (c.state = 'accepted' and coalesce(l.mailed_month, 0) < month_number(c.updated_at))
          or (c.state = 'rejected' and c.updated_at >= l.joined_at and (l.bounced_at is null or l.bounced_at < c.updated_at))
       order by l.subscription_id
         for no key update of l
    ), mailed as (
      update listed_readers l
         set mailed_month = case when c.state = 'accepted' then month_number(c.updated_at) else l.mailed_month end,
             bounced_at = case when c.state = 'rejected' then c.updated_at else l.bounced_at end
        from changing c
       where l.publication_id = ${digest.publicationId}
         and l.subscription_id = c.subscription_id
    )
    select subscription_id
      from chunk
     order by subscription_id desc
     limit 1
  `);
}

/** Not where it goes on meanwhile. */
export function markNoted(tx: Tx, digestId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set mailed_noted_at = ${now}
     where id = ${digestId}
       and state in ('closed', 'cancelled')
  `);
}
