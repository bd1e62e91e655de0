import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';

/** A digest that is deferred again keeps its first time. */
export function insertSoftBounces(
  tx: Tx,
  digestId: string,
  subscriptionIds: readonly string[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into soft_bounces (subscription_id, digest_id, deferred_at)
    select id, ${digestId}, ${now}
      from unnest(${arrayLiteral([...subscriptionIds])}::uuid[]) as bounced (id)
        on conflict (subscription_id, digest_id) do nothing
  `);
}

export function markSoftBouncesGivenUp(
  tx: Tx,
  digestId: string,
  subscriptionIds: readonly string[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update soft_bounces
       set given_up_at = ${now}
     where digest_id = ${digestId}
       and subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and given_up_at is null
  `);
}

/** Of all subscriptions of an address. */
export function deleteSoftBouncesOfAddress(tx: Tx, emailKey: string): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where subscription_id in (
       select subscriptions.id
         from subscriptions
         join subscribers on subscribers.id = subscriptions.subscriber_id
        where subscribers.email_key = ${emailKey}
     )
  `);
}

/** Of all subscriptions of the same address. */
export function deleteSoftBouncesOfReader(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where subscription_id in (
       select other.id
         from subscriptions s
         join subscriptions other on other.subscriber_id = s.subscriber_id
        where s.id = ${subscriptionId}
     )
  `);
}

export function deleteSoftBounces(tx: Tx, subscriptionIds: readonly string[]): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
  `);
}
