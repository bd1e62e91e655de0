import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Address } from './address.js';
import type { Choices, CadenceSettings, SubscriptionStatus, Subscription } from './subscription.js';

/** The person at this address, made if she is new; locked, so that what follows for one address happens in turn. */
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

/** Her subscription, made pending if she has none. Never changes one that exists. */
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

/** pending or unsubscribed -> confirmed, from the newest article on. Undefined when the link was revoked or used. */
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
       and status in ('pending', 'unsubscribed')
    returning id, subscriber_id
  `);
}

/** Any state -> unsubscribed, and confirmation links mailed before stop working. Undefined when she already was. */
export function markUnsubscribed(tx: Tx, id: string, now: Date): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    update subscriptions
       set status = 'unsubscribed',
           unsubscribed_at = ${now},
           generation = generation + 1,
           next_due_at = null
     where id = ${id}
       and status <> 'unsubscribed'
    returning id
  `);
}

/** unsubscribed -> confirmed again, or paused if she was, with her choices and her place in the articles. */
export function markRestored(
  tx: Tx,
  id: string,
  unsubscribedAt: Date,
  nextDueAt: Date | null,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    update subscriptions
       set status = case when paused_at is null then 'confirmed' else 'paused' end,
           unsubscribed_at = null,
           next_due_at = ${nextDueAt}
     where id = ${id}
       and status = 'unsubscribed'
       and unsubscribed_at = ${unsubscribedAt}
    returning id
  `);
}

/** Where planning leaves a reader: the newest article number planned for her, and when she is due next. */
export type ReaderProgress = { watermark: number; nextDueAt: Date | null };

/** After planning: each reader takes the step at her place among the few there are. */
export function updateWatermarks(
  tx: Tx,
  readers: readonly { id: string; place: number }[],
  steps: readonly ReaderProgress[],
): Promise<number> {
  return tx.run(sql`
    update subscriptions s
       set watermark = greatest(s.watermark, step.watermark),
           next_due_at = step.next_due_at
      from unnest(${`{${readers.map(({ id }) => id).join()}}`}::uuid[],
                  ${`{${readers.map(({ place }) => place).join()}}`}::integer[]) as planned (id, place)
      join unnest(${steps.map((step) => step.watermark)}::bigint[],
                  ${steps.map((step) => step.nextDueAt)}::timestamptz[])
           with ordinality as step (watermark, next_due_at, place) using (place)
     where s.id = planned.id
  `);
}

export function updateChoices(
  tx: Tx,
  id: string,
  choices: Choices & Pick<Subscription, 'locale' | 'format' | 'atMostDaily' | 'nextDueAt'>,
): Promise<number> {
  return tx.run(sql`
    update subscriptions
       set cadence = ${choices.cadence},
           hour = ${choices.hour},
           weekday = ${choices.weekday},
           day_of_month = ${choices.dayOfMonth},
           timezone = ${choices.timezone},
           topics = ${choices.topics},
           locale = ${choices.locale},
           format = ${choices.format},
           at_most_daily = ${choices.atMostDaily},
           next_due_at = ${choices.nextDueAt}
     where id = ${id}
  `);
}
