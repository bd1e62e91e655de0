import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** Of these, those that were not confirmed meanwhile. A consent that was ever given keeps its subscription. */
export function deleteUnconfirmed(tx: Tx, ids: string[]): Promise<{ subscriberId: string }[]> {
  return tx.many<{ subscriberId: string }>(sql`
    delete from subscriptions
     where id = any(${ids}::uuid[])
       and confirmed_at is null
       and erased_at is null
    returning subscriber_id
  `);
}

/** That somebody who never confirmed wanted no mail: the ban itself is kept by her address's hash. */
export function deleteConsentsOfUnconfirmed(tx: Tx, ids: string[]): Promise<number> {
  return tx.run(sql`
    delete from consents
     where subscription_id in (
       select id
         from subscriptions
        where id = any(${ids}::uuid[])
          and confirmed_at is null
          and erased_at is null
     )
  `);
}

export function deleteSubscribersWithoutSubscription(tx: Tx, ids: string[]): Promise<number> {
  return tx.run(sql`
    delete from subscribers p
     where id = any(${ids}::uuid[])
       and not exists (select from subscriptions s where s.subscriber_id = p.id)
  `);
}

/**
 * Gives an erased subscription a subscriber without an address (RFC 2606 keeps .invalid free of any). Nobody confirms it
 * by an old link, and nobody takes its end back.
 */
export async function anonymiseSubscription(tx: Tx, subscriptionId: string, now: Date): Promise<void> {
  const nobody = await tx.one<{ id: string }>(sql`
    insert into subscribers (email, email_key, created_at)
    values ('erased@erased.invalid', ${`erased ${subscriptionId}`}, ${now})
    on conflict (email_key) do update
       set email_key = excluded.email_key
    returning id
  `);
  await tx.run(sql`
    update subscriptions
       set subscriber_id = ${nobody.id},
           generation = generation + 1,
           confirmed_at = null,
           erased_at = ${now}
     where id = ${subscriptionId}
  `);
}
