import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { selectAddressChanges } from './reads.js';
import type { AddressChange } from './address-change.js';

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

export function lockAddressChange(tx: Tx, id: string): Promise<AddressChange | undefined> {
  return tx.maybe<AddressChange>(sql`
    ${selectAddressChanges}
     where id = ${id}
       for update
  `);
}

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

/** This change and all later ones of its subscription. */
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

/** A newer change replaces those that were not confirmed. */
export function cancelUnconfirmedAddressChanges(tx: Tx, subscriptionId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update address_changes
       set state = 'cancelled',
           cancelled_at = ${now}
     where subscription_id = ${subscriptionId}
       and state = 'asked'
  `);
}

/** Also revokes the manage and confirm links; unsubscribe links go on working. */
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
