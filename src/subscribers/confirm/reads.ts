import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Visit } from './visit.js';

/** The visits of a subscription since a time, the latest press first. */
export function listVisits(db: Db | Tx, subscriptionId: string, since: Date): Promise<Visit[]> {
  return db.many<Visit>(sql`
    select visit, pressed_at, trapped_at, consent_id
      from confirm_visits
     where subscription_id = ${subscriptionId}
       and changed_at >= ${since}
     order by pressed_at desc nulls last, visit
  `);
}

/** What confirming changes: as JSON, of which only `writes.ts` knows the form. */
export type BeforeConfirming = object;

/** As it is before a press confirms. The caller has locked the subscription. */
export async function readBeforeConfirming(
  tx: Tx,
  subscriptionId: string,
  { addressHash, mailboxHash }: { addressHash: Buffer; mailboxHash: Buffer },
): Promise<BeforeConfirming> {
  const { before } = await tx.one<{ before: BeforeConfirming }>(sql`
    select jsonb_build_object(
             'subscription', to_jsonb(s),
             'suppressions', (
               select coalesce(jsonb_agg(to_jsonb(x)), '[]')
                 from suppressions x
                where x.address_hash = ${addressHash}
                  and (x.publication_id = s.publication_id or x.publication_id is null)
                  and x.reason in ('bounced', 'erased')
             ),
             'cappedMails', (
               select coalesce(jsonb_agg(to_jsonb(m)), '[]')
                 from capped_mails m
                where m.address_hash = ${mailboxHash}
                  and m.publication_id = s.publication_id
                  and m.kind = 'unclicked'
             )
           ) as before
      from subscriptions s
     where s.id = ${subscriptionId}
  `);
  return before;
}
