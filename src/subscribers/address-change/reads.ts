import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { AddressChange } from './address-change.js';

export const selectAddressChanges = raw(`
    select id, number, subscription_id, old_email, new_email, state, merged_into, asked_at, confirmed_at, cancelled_at
      from address_changes`);

export function findAddressChange(db: Db | Tx, id: string): Promise<AddressChange | undefined> {
  return db.maybe<AddressChange>(sql`
    ${selectAddressChanges}
     where id = ${id}
  `);
}

/** By the number that its links name. */
export function findAddressChangeByNumber(db: Db | Tx, number: number): Promise<AddressChange | undefined> {
  return db.maybe<AddressChange>(sql`
    ${selectAddressChanges}
     where number = ${number}
  `);
}

/** Newest first. */
export function listAddressChanges(db: Db | Tx, subscriptionId: string): Promise<AddressChange[]> {
  return db.many<AddressChange>(sql`
    ${selectAddressChanges}
     where subscription_id = ${subscriptionId}
     order by asked_at desc, id desc
  `);
}

/** Subscriptions that ended because their address was changed to this one's. */
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
