import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';

/** A change of address. The addresses are gone once it can neither be confirmed nor taken back. */
export type AddressChange = {
  id: string;
  subscriptionId: string;
  oldEmail: string | null;
  newEmail: string | null;
  state: 'asked' | 'confirmed' | 'cancelled';
  mergedInto: string | null;
  askedAt: Date;
  confirmedAt: Date | null;
  cancelledAt: Date | null;
};

export const selectAddressChanges = raw(`
    select id, subscription_id, old_email, new_email, state, merged_into, asked_at, confirmed_at, cancelled_at
      from address_changes`);

export function findAddressChange(db: Db | Tx, id: string): Promise<AddressChange | undefined> {
  return db.maybe<AddressChange>(sql`
    ${selectAddressChanges}
     where id = ${id}
  `);
}

/** All of a subscription, newest first; one that the other address ended in is hers too. */
export function listAddressChanges(db: Db | Tx, subscriptionId: string): Promise<AddressChange[]> {
  return db.many<AddressChange>(sql`
    ${selectAddressChanges}
     where subscription_id = ${subscriptionId}
     order by asked_at desc, id desc
  `);
}

/** Subscriptions that ended in this one when their addresses were changed to its own. */
export function listMergedInto(db: Db | Tx, subscriptionId: string): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select c.subscription_id as id
      from address_changes c
      join subscriptions s on s.id = c.subscription_id
     where c.merged_into = ${subscriptionId}
       and c.state = 'confirmed'
       and s.status = 'unsubscribed'
  `);
}

export async function countAddressChangesSince(
  db: Db | Tx,
  subscriptionId: string,
  since: Date,
): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from address_changes
     where subscription_id = ${subscriptionId}
       and asked_at > ${since}
  `);
  return count;
}
