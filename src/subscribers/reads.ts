import type { Db, Tx } from '../platform/db/database.js';
import { publicationFinder } from '../platform/db/publication-finder.js';
import { arrayLiteral } from '../platform/db/array-literal.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Subscription } from './subscription.js';

/** SQL for `Subscription.isCatchingUp`. */
export const isCatchingUp = '(s.watermark < coalesce(s.catch_up_to, 0))';

const selectSubscriptions = raw(`
    select s.id, s.number, s.publication_id, s.subscriber_id,
           (select o.number from publications o where o.id = s.publication_id) as publication_number,
           p.email, p.email_key, s.status, s.generation, s.locale, s.format, s.without_pictures, s.cadence, s.hour,
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

/** By the number that its links name. */
export function findSubscriptionByNumber(db: Db | Tx, number: number): Promise<Subscription | undefined> {
  return db.maybe<Subscription>(sql`
    ${selectSubscriptions}
     where s.number = ${number}
  `);
}

export function lockSubscription(tx: Tx, id: string): Promise<Subscription | undefined> {
  return tx.maybe<Subscription>(sql`
    ${selectSubscriptions}
     where s.id = ${id}
       for update of s
  `);
}

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
  | 'id'
  | 'number'
  | 'email'
  | 'emailKey'
  | 'status'
  | 'generation'
  | 'timezone'
  | 'cadence'
  | 'hour'
  | 'weekday'
  | 'dayOfMonth'
  | 'atMostDaily'
> & {
  confirmedAt: Date;
  /** Who was brought from another product, and has not confirmed here by herself. */
  brought: BroughtFrom | null;
};

/** `joinedAt` null: the product did not say. `firstDigestId`: the digest that says it at its top; null: the next. */
export type BroughtFrom = {
  product: string;
  joinedAt: Date | null;
  movedAt: Date;
  firstDigestId: string | null;
};

/** In no order. */
export async function listRecipients(db: Db | Tx, subscriptionIds: string[]): Promise<Recipient[]> {
  const rows = await db.many<Omit<Recipient, 'brought'> & Nullable<BroughtFrom>>(sql`
    select s.id, s.number, p.email, p.email_key, s.status, s.generation, s.timezone, s.cadence, s.hour, s.weekday, s.day_of_month,
           s.at_most_daily, coalesce(s.confirmed_at, s.created_at) as confirmed_at,
           i.product_name as product, r.joined_at, r.imported_at as moved_at, r.first_digest_id
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
      left join imported_readers r
        on r.subscription_id = s.id
       and not exists (select from consents c where c.subscription_id = s.id and c.kind = 'confirmed' and c.taken_back_at is null)
      left join imports i on i.id = r.import_id
     where s.id = any(${arrayLiteral(subscriptionIds)}::uuid[])
  `);
  return rows.map(({ product, joinedAt, movedAt, firstDigestId, ...recipient }) => ({
    ...recipient,
    brought: product === null || movedAt === null ? null : { product, joinedAt, movedAt, firstDigestId },
  }));
}

type Nullable<Row> = { [Name in keyof Row]: Row[Name] | null };

/** The publication of a subscription, also of one that was erased. */
export const findSubscriptionPublication = publicationFinder('subscriptions');

/**
 * One page of some publications, newest first; ids sort by time. Erased subscriptions are left out. Each publication is asked
 * for its newest few: a page costs as much however many the others have.
 */
export function listSubscriptionsPage(
  db: Db | Tx,
  where: {
    publicationIds: readonly string[];
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
    select found.*
      from unnest(${arrayLiteral(where.publicationIds)}::uuid[]) as wanted (publication_id)
     cross join lateral (
       ${selectSubscriptions}
        where p.email_key not like 'erased %'
          and s.publication_id = wanted.publication_id
          ${ofAddress}
          ${inStatus}
          ${older}
        order by s.id desc
        limit ${where.limit}
     ) found
     order by found.id desc
     limit ${where.limit}
  `);
}

/** A subscription for its reader's copy of her data: the whole row, so that a new column is in it too. */
export function exportSubscription(
  db: Db | Tx,
  id: string,
): Promise<{ subscription: Record<string, unknown> }> {
  return db.one(sql`
    select to_jsonb(s) - 'id' - 'number' - 'publication_id' - 'subscriber_id' - 'generation' as subscription
      from subscriptions s
     where id = ${id}
  `);
}
