import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { selectAddressChanges, type AddressChange } from './reads.js';

export function insertAddressChange(
  tx: Tx,
  change: { subscriptionId: string; oldEmail: string; newEmail: string },
  now: Date,
): Promise<{ id: string }> {
  return tx.one(sql`
    insert into address_changes (subscription_id, old_email, new_email, state, asked_at)
    values (${change.subscriptionId}, ${change.oldEmail}, ${change.newEmail}, 'asked', ${now})
    returning id
  `);
}

/** The change, held for the caller's transaction. */
export function lockAddressChange(tx: Tx, id: string): Promise<AddressChange | undefined> {
  return tx.maybe<AddressChange>(sql`
    ${selectAddressChanges}
     where id = ${id}
       for update
  `);
}

/** asked -> confirmed. */
export function markAddressChangeConfirmed(
  tx: Tx,
  id: string,
  mergedInto: string | null,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update address_changes
       set state = 'confirmed',
           merged_into = ${mergedInto},
           confirmed_at = ${now}
     where id = ${id}
       and state = 'asked'
  `);
}

/** asked or confirmed -> cancelled: this one, and all that came after it. */
export function cancelAddressChangesFrom(
  tx: Tx,
  { id, subscriptionId }: Pick<AddressChange, 'id' | 'subscriptionId'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update address_changes
       set state = 'cancelled',
           cancelled_at = ${now}
     where subscription_id = ${subscriptionId}
       and id >= ${id}
       and state in ('asked', 'confirmed')
  `);
}

/** A newer wish takes the place of those she has not confirmed. */
export function cancelUnconfirmedAddressChanges(tx: Tx, subscriptionId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update address_changes
       set state = 'cancelled',
           cancelled_at = ${now}
     where subscription_id = ${subscriptionId}
       and state = 'asked'
  `);
}

/** The addresses of changes that are over; that there was a change, and when, stays. */
export function clearExpiredAddresses(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    update address_changes
       set old_email = null,
           new_email = null
     where old_email is not null
       and asked_at <= ${before}
  `);
}

/** Those of a subscription, and those that ended in it. */
export function deleteAddressChangesOf(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    delete from address_changes
     where subscription_id = ${subscriptionId}
        or merged_into = ${subscriptionId}
  `);
}

/** Gives a subscription to another person, and revokes its manage and confirm links; unsubscribe links go on. */
export function moveSubscription(tx: Tx, id: string, subscriberId: string): Promise<number> {
  return tx.run(sql`
    update subscriptions
       set subscriber_id = ${subscriberId},
           generation = generation + 1
     where id = ${id}
  `);
}

/** Revokes a subscription's manage and confirm links. */
export function revokeLinks(tx: Tx, id: string): Promise<number> {
  return tx.run(sql`
    update subscriptions
       set generation = generation + 1
     where id = ${id}
  `);
}
