import type { Db, Tx } from '../platform/db/database.js';
import { arrayLiteral, byteaArrayLiteral } from '../platform/db/array-literal.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Subscription } from './subscription.js';

/** Back from a pause, and what she missed has not been planned yet. */
export const isCatchingUp = '(s.watermark < coalesce(s.catch_up_to, 0))';

/** A subscription with its reader's address; what follows it says which. */
const selectSubscriptions = raw(`
    select s.id, s.publication_id, s.subscriber_id, p.email, p.email_key, s.status, s.generation, s.locale, s.format, s.cadence, s.hour,
           s.weekday, s.day_of_month, s.timezone, s.topics, s.watermark, ${isCatchingUp} as is_catching_up, s.at_most_daily, s.next_due_at,
           s.created_at, s.confirmed_at, s.unsubscribed_at, s.paused_at, s.paused_until, s.catch_up
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id`);

export function findSubscription(db: Db | Tx, id: string): Promise<Subscription | undefined> {
  return db.maybe<Subscription>(sql`
    ${selectSubscriptions}
     where s.id = ${id}
  `);
}

/** The same, locked: who reads it to change it comes one after the other. */
export function lockSubscription(tx: Tx, id: string): Promise<Subscription | undefined> {
  return tx.maybe<Subscription>(sql`
    ${selectSubscriptions}
     where s.id = ${id}
       for update of s
  `);
}

/** The subscription of an address, folded, to one publication. */
export function findSubscriptionOf(
  db: Db | Tx,
  publicationId: string,
  emailKey: string,
): Promise<Subscription | undefined> {
  return db.maybe<Subscription>(sql`
    ${selectSubscriptions}
     where p.email_key = ${emailKey}
       and s.publication_id = ${publicationId}
  `);
}

/** What sending needs to know of a reader. */
export type Recipient = Pick<
  Subscription,
  'id' | 'email' | 'emailKey' | 'status' | 'generation' | 'timezone'
> & {
  confirmedAt: Date;
};

/** Several at once, in no order: for deliveries about to be sent. */
export function listRecipients(db: Db | Tx, subscriptionIds: string[]): Promise<Recipient[]> {
  return db.many<Recipient>(sql`
    select s.id, p.email, p.email_key, s.status, s.generation, s.timezone, coalesce(s.confirmed_at, s.created_at) as confirmed_at
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
     where s.id = any(${arrayLiteral(subscriptionIds)}::uuid[])
  `);
}

/** Those of these addresses that this publication must never mail. Who was erased may still ask again herself. */
export async function listSuppressed(
  db: Db | Tx,
  publicationId: string,
  addressHashes: Buffer[],
): Promise<Set<string>> {
  const rows = await db.many<{ addressHash: Buffer }>(sql`
    select address_hash
      from suppressions
     where address_hash = any(${byteaArrayLiteral(addressHashes)}::bytea[])
       and (publication_id = ${publicationId} or publication_id is null)
       and reason <> 'erased'
  `);
  return new Set(rows.map((row) => row.addressHash.toString('hex')));
}

export async function isSuppressed(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<boolean> {
  return (await listSuppressed(db, publicationId, [addressHash])).size > 0;
}

/** The consent a welcome mail answers. */
export function findConsent(
  db: Db | Tx,
  id: string,
): Promise<{ id: string; subscriptionId: string; kind: string; createdAt: Date } | undefined> {
  return db.maybe(sql`
    select id, subscription_id, kind, created_at
      from consents
     where id = ${id}
  `);
}

/** Subscriptions that were never confirmed, and for which nobody has asked since a moment. */
export function listUnconfirmed(db: Db | Tx, before: Date, limit: number): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select s.id
      from subscriptions s
     where s.confirmed_at is null
       and s.erased_at is null
       and s.created_at < ${before}
       and not exists (select from sign_up_requests r where r.subscription_id = s.id and r.created_at >= ${before})
     order by s.created_at, s.id
     limit ${limit}
  `);
}

/** Whether she had herself erased from this publication, and has not come back since. */
export async function isErased(db: Db | Tx, publicationId: string, addressHash: Buffer): Promise<boolean> {
  const row = await db.maybe<{ id: string }>(sql`
    select id
      from suppressions
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
       and reason = 'erased'
  `);
  return row !== undefined;
}

/** One page, newest first; ids sort by time. Who was erased is not among them. */
export function listSubscriptionsPage(
  db: Db | Tx,
  where: {
    publicationId: string;
    status: Subscription['status'] | undefined;
    emailKey: string | undefined;
    before: string | undefined;
    limit: number;
  },
): Promise<Subscription[]> {
  const older = where.before === undefined ? sql`` : sql`and s.id < ${where.before}`;
  const inStatus = where.status === undefined ? sql`` : sql`and s.status = ${where.status}`;
  const ofAddress = where.emailKey === undefined ? sql`` : sql`and p.email_key = ${where.emailKey}`;
  return db.many<Subscription>(sql`
    ${selectSubscriptions}
     where s.publication_id = ${where.publicationId}
       and p.email_key not like 'erased %'
       ${ofAddress}
       ${inStatus}
       ${older}
     order by s.id desc
     limit ${where.limit}
  `);
}
