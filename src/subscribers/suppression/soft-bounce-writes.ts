import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
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

/** The address is said to be bad, in a way that a second digest has to confirm. */
export function insertUnconfirmedBounces(
  tx: Tx,
  digestId: string,
  subscriptionIds: readonly string[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into soft_bounces (subscription_id, digest_id, deferred_at, given_up_at, is_hard)
    select id, ${digestId}, ${now}, ${now}, true
      from unnest(${arrayLiteral([...subscriptionIds])}::uuid[]) as bounced (id)
        on conflict (subscription_id, digest_id) do update
       set given_up_at = coalesce(soft_bounces.given_up_at, excluded.given_up_at),
           is_hard = true
  `);
}

/** Of one delivery that was accepted: `sentAt` is when, `reportedAt` when its server gave it up. */
export type ReportedBounce = {
  subscriptionId: string;
  digestId: string;
  sentAt: Date;
  reportedAt: Date;
  isHard: boolean;
};

/** In whatever order reports of one delivery come, its row is the same in the end. */
export function insertReportedBounces(tx: Tx, bounces: readonly ReportedBounce[]): Promise<number> {
  return tx.run(sql`
    insert into soft_bounces (subscription_id, digest_id, deferred_at, given_up_at, is_reported, is_hard)
    select subscription_id, digest_id, min(sent_at), max(reported_at), true, bool_or(is_hard)
      from unnest(${arrayLiteral(bounces.map(({ subscriptionId }) => subscriptionId))}::uuid[],
                  ${arrayLiteral(bounces.map(({ digestId }) => digestId))}::uuid[],
                  ${dateArrayLiteral(bounces.map(({ sentAt }) => sentAt))}::timestamptz[],
                  ${dateArrayLiteral(bounces.map(({ reportedAt }) => reportedAt))}::timestamptz[],
                  ${arrayLiteral(bounces.map(({ isHard }) => String(isHard)))}::boolean[])
           as reported (subscription_id, digest_id, sent_at, reported_at, is_hard)
     group by subscription_id, digest_id
     order by subscription_id, digest_id
        on conflict (subscription_id, digest_id) do update
       set deferred_at = least(soft_bounces.deferred_at, excluded.deferred_at),
           given_up_at = greatest(soft_bounces.given_up_at, excluded.given_up_at),
           is_reported = true,
           is_hard = soft_bounces.is_hard or excluded.is_hard
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

/** Of subscriptions whose mail is accepted in the session. */
export function deleteSessionBounces(tx: Tx, subscriptionIds: readonly string[]): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and not is_reported
  `);
}

export function deleteSoftBounces(tx: Tx, subscriptionIds: readonly string[]): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
  `);
}
