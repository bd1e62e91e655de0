import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { SubscriptionStatus } from '../subscription.js';
import type { ChangedSuppression } from '../suppression/writes.js';
import { SUBSCRIPTION_TRANSITIONS } from '../transitions.js';
import type { BeforeConfirming } from './reads.js';

/** Of one subscription; a visit beyond takes the place of the oldest. */
const MAX_VISITS = 100;

type Press = {
  subscriptionId: string;
  visit: string;
  origin: { ip: string | null; agent: string | null };
  /** Null: it was confirmed already. */
  made: { consentId: string; before: BeforeConfirming } | null;
};

/** A press on the button that confirms. Pressing it again changes nothing, unless it was taken back in between. */
export function upsertPress(
  tx: Tx,
  { subscriptionId, visit, origin, made }: Press,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into confirm_visits as v (subscription_id, visit, pressed_at, changed_at, consent_id, before, ip, agent)
    values (${subscriptionId}, ${visit}, ${now}, ${now}, ${made?.consentId ?? null},
            ${made === null ? null : JSON.stringify(made.before)}::jsonb, ${origin.ip}::inet, ${origin.agent})
    on conflict (subscription_id, visit) do update
       set pressed_at = excluded.pressed_at,
           changed_at = excluded.changed_at,
           consent_id = excluded.consent_id,
           before = excluded.before,
           ip = excluded.ip,
           agent = excluded.agent
     where v.consent_id is null
       and (v.pressed_at is null or excluded.consent_id is not null)
  `);
}

/** A press on the button that nobody sees. */
export async function upsertTrapPress(
  tx: Tx,
  subscriptionId: string,
  visit: string,
  now: Date,
): Promise<void> {
  await tx.run(sql`
    insert into confirm_visits (subscription_id, visit, trapped_at, changed_at)
    values (${subscriptionId}, ${visit}, ${now}, ${now})
    on conflict (subscription_id, visit) do update
       set trapped_at = excluded.trapped_at,
           changed_at = excluded.changed_at
  `);
  await tx.run(sql`
    delete from confirm_visits
     where subscription_id = ${subscriptionId}
       and visit in (
         select visit
           from confirm_visits
          where subscription_id = ${subscriptionId}
          order by changed_at desc, visit
         offset ${MAX_VISITS}
       )
  `);
}

/**
 * A subscription becomes what it was before a visit confirmed it. Undefined when something else has changed since: it ended,
 * moved to another address, or was confirmed anew.
 */
export function markTakenBack(
  tx: Tx,
  subscriptionId: string,
  visit: string,
): Promise<{ status: SubscriptionStatus; previousStatus: SubscriptionStatus } | undefined> {
  return tx.maybe(sql`
    with visited as (
      select v.pressed_at, s.status as previous_status, was.*
        from confirm_visits v
        join subscriptions s on s.id = v.subscription_id,
             jsonb_populate_record(null::subscriptions, v.before -> 'subscription') as was
       where v.subscription_id = ${subscriptionId}
         and v.visit = ${visit}
         and v.consent_id is not null
    )
    update subscriptions s
       set status = v.status,
           confirmed_at = v.confirmed_at,
           unsubscribed_at = v.unsubscribed_at,
           locale = v.locale,
           cadence = v.cadence,
           hour = v.hour,
           weekday = v.weekday,
           day_of_month = v.day_of_month,
           timezone = v.timezone,
           topics = v.topics,
           watermark = v.watermark,
           next_due_at = v.next_due_at,
           paused_at = v.paused_at,
           paused_until = v.paused_until,
           catch_up = v.catch_up,
           catch_up_to = v.catch_up_to,
           at_most_daily = v.at_most_daily
      from visited v
     where s.id = v.id
       and s.status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'take-back')}::text[])
       and s.confirmed_at = v.pressed_at
       and s.generation = v.generation
       and s.subscriber_id = v.subscriber_id
    returning s.status, v.previous_status
  `);
}

/** The suppressions that a visit lifted hold again, but for what was suppressed anew since. */
export function restoreLiftedSuppressions(
  tx: Tx,
  subscriptionId: string,
  visit: string,
): Promise<ChangedSuppression[]> {
  return tx.many<ChangedSuppression>(sql`
    insert into suppressions
    select was.*
      from confirm_visits v,
           jsonb_populate_recordset(null::suppressions, v.before -> 'suppressions') as was
     where v.subscription_id = ${subscriptionId}
       and v.visit = ${visit}
    on conflict (address_hash, publication_id) do nothing
    returning id, publication_id, reason
  `);
}

/** The mails that no longer counted since a visit clicked count again. */
export function restoreCappedMails(tx: Tx, subscriptionId: string, visit: string): Promise<number> {
  return tx.run(sql`
    insert into capped_mails
    select was.*
      from confirm_visits v,
           jsonb_populate_recordset(null::capped_mails, v.before -> 'cappedMails') as was
     where v.subscription_id = ${subscriptionId}
       and v.visit = ${visit}
  `);
}

/** The consent that a visit made counts no more, and the visit made none. */
export function takeBackConsent(tx: Tx, subscriptionId: string, visit: string, now: Date): Promise<number> {
  return tx.run(sql`
    with taken as (
      update consents c
         set taken_back_at = ${now}
        from confirm_visits v
       where v.subscription_id = ${subscriptionId}
         and v.visit = ${visit}
         and c.id = v.consent_id
    )
    update confirm_visits
       set consent_id = null,
           before = null
     where subscription_id = ${subscriptionId}
       and visit = ${visit}
  `);
}

/**
 * The consent that one visit made is from now on that of another, which had pressed the button as well: with the time of that
 * press, and where it was. No row when the subscription has changed since.
 */
export function passConsentOn(
  tx: Tx,
  subscriptionId: string,
  { from, to }: { from: string; to: string },
): Promise<number> {
  return tx.run(sql`
    with given as (
      select v.consent_id, v.before, v.pressed_at
        from confirm_visits v
       where v.subscription_id = ${subscriptionId}
         and v.visit = ${from}
         and v.consent_id is not null
    ), moved as (
      update subscriptions s
         set confirmed_at = own.pressed_at
        from given, confirm_visits own
       where s.id = ${subscriptionId}
         and own.subscription_id = s.id
         and own.visit = ${to}
         and s.status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'take-back')}::text[])
         and s.confirmed_at = given.pressed_at
      returning own.pressed_at, own.ip, own.agent
    ), proved as (
      update consents c
         set created_at = moved.pressed_at,
             confirm_ip = moved.ip,
             confirm_agent = moved.agent
        from given, moved
       where c.id = given.consent_id
    )
    update confirm_visits v
       set consent_id = case v.visit when ${to} then given.consent_id end,
           before = case v.visit when ${to} then given.before end
      from given, moved
     where v.subscription_id = ${subscriptionId}
       and v.visit in (${from}, ${to})
  `);
}

export function deleteOldVisits(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from confirm_visits
     where changed_at < ${before}
  `);
}
