import type { Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import { statesBefore } from '../platform/db/transitions.js';
import type { Address } from './address.js';
import type { Choices, CadenceSettings, SubscriptionStatus } from './subscription.js';
import { SUBSCRIPTION_TRANSITIONS } from './transitions.js';

/** The row is locked: transactions for one address follow each other. */
export function findOrCreateSubscriber(
  tx: Tx,
  address: Address,
  now: Date,
): Promise<{ id: string; email: string }> {
  return tx.one(sql`
    insert into subscribers (email, email_key, created_at)
    values (${address.email}, ${address.key}, ${now})
    on conflict (email_key) do update
       set email_key = excluded.email_key
    returning id, email
  `);
}

/** A new one is pending; one that exists is not changed. */
export async function findOrCreateSubscription(
  tx: Tx,
  row: CadenceSettings & { publicationId: string; subscriberId: string; locale: string },
  now: Date,
): Promise<{ id: string; status: SubscriptionStatus }> {
  await tx.run(sql`
    insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                               timezone, created_at)
    values (${row.publicationId}, ${row.subscriberId}, 'pending', ${row.locale}, ${row.cadence}, ${row.hour},
            ${row.weekday}, ${row.dayOfMonth}, ${row.timezone}, ${now})
    on conflict (publication_id, subscriber_id) do nothing
  `);
  return tx.one(sql`
    select id, status
      from subscriptions
     where publication_id = ${row.publicationId}
       and subscriber_id = ${row.subscriberId}
       for update
  `);
}

/** Undefined when the link's generation is over, or the subscription is confirmed already. */
export function markConfirmed(
  tx: Tx,
  id: string,
  generation: number,
  choices: Choices & { locale: string; watermark: number; nextDueAt: Date | null },
  now: Date,
): Promise<{ id: string; subscriberId: string } | undefined> {
  return tx.maybe(sql`
    update subscriptions
       set status = 'confirmed',
           confirmed_at = ${now},
           unsubscribed_at = null,
           locale = ${choices.locale},
           cadence = ${choices.cadence},
           hour = ${choices.hour},
           weekday = ${choices.weekday},
           day_of_month = ${choices.dayOfMonth},
           timezone = ${choices.timezone},
           topics = ${choices.topics},
           watermark = ${choices.watermark},
           next_due_at = ${choices.nextDueAt},
           paused_at = null,
           paused_until = null,
           catch_up = false,
           catch_up_to = null,
           at_most_daily = false
     where id = ${id}
       and generation = ${generation}
       and status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'confirm')}::text[])
    returning id, subscriber_id
  `);
}

export type EndedSubscription = { id: string; publicationId: string; previousStatus: SubscriptionStatus };

/** Also revokes the confirm and manage links mailed before. Undefined when it had ended already. */
export function markUnsubscribed(tx: Tx, id: string, now: Date): Promise<EndedSubscription | undefined> {
  return tx.maybe<EndedSubscription>(sql`
    with previous as (
      select id, status
        from subscriptions
       where id = ${id}
         and status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'unsubscribe')}::text[])
         for no key update
    )
    update subscriptions s
       set status = 'unsubscribed',
           unsubscribed_at = ${now},
           generation = s.generation + 1,
           next_due_at = null
      from previous
     where s.id = previous.id
    returning s.id, s.publication_id, previous.status as previous_status
  `);
}

/** SQL: she was brought from another product, her mailing was not started, and she has not confirmed by herself. */
const hasNotStarted = `
  (exists (select from imported_readers i where i.subscription_id = subscriptions.id and i.started_at is null)
   and not exists (select from consents c
                    where c.subscription_id = subscriptions.id and c.kind = 'confirmed' and c.taken_back_at is null))`;

/**
 * To confirmed, or to paused or added where it was. Undefined when it did not end at `unsubscribedAt`, or is restored already.
 * @param withLinks takes back what `markUnsubscribed` did to the generation
 */
export function markRestored(
  tx: Tx,
  { id, unsubscribedAt }: { id: string; unsubscribedAt: Date },
  nextDueAt: Date | null,
  withLinks: boolean,
): Promise<{ status: SubscriptionStatus } | undefined> {
  return tx.maybe(sql`
    update subscriptions
       set status = case when ${raw(hasNotStarted)} then 'added' when paused_at is null then 'confirmed' else 'paused' end,
           unsubscribed_at = null,
           generation = generation - ${withLinks ? 1 : 0},
           next_due_at = case when ${raw(hasNotStarted)} then null else ${nextDueAt}::timestamptz end
     where id = ${id}
       and status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'restore')}::text[])
       and unsubscribed_at = ${unsubscribedAt}
    returning status
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
 * Gives an ended subscription a subscriber without an address, in .invalid, which RFC 2606 reserves. It cannot be confirmed
 * by an old link, nor restored.
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
       and status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'erase')}::text[])
  `);
}
