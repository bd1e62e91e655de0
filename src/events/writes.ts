import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** Mails that came back about a reader, as they came: they have her address. What they said of others was recorded. */
export function deleteInboundMailsOf(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    delete from inbound_mails
     where id in (select inbound_mail_id from events where subscription_id = ${subscriptionId})
  `);
}

/** What is left of a reader's events is what each was, without words: the numbers of digests stay true. */
export function clearEventWords(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    update events
       set reason = null,
           inbound_mail_id = null
     where subscription_id = ${subscriptionId}
       and num_nonnulls(reason, inbound_mail_id) > 0
  `);
}

/** Those that were received before `matched`, and those that proved nothing before `unmatched`. */
export function deleteEventsBefore(
  tx: Tx,
  before: { matched: Date; unmatched: Date },
  limit: number,
): Promise<number> {
  return tx.run(sql`
    delete from events
     where id in (
       select id
         from events
        where received_at < ${before.unmatched}
          and (match not in ('delivery', 'notice') or received_at < ${before.matched})
        order by received_at
        limit ${limit}
     )
  `);
}
