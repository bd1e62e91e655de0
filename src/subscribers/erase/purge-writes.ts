import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export function deleteOldRequests(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where id in (
       select id
         from sign_up_requests
        where created_at < ${before}
        order by created_at
        limit ${limit}
     )
  `);
}

/** By `ctid`, the place of a row on disk: this table has no key. */
export function deleteOldCappedMails(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(sql`
    delete from capped_mails
     where ctid = any(array(
       select ctid
         from capped_mails
        where asked_at < ${before}
        order by asked_at
        limit ${limit}
     ))
  `);
}

export function deleteOldFormCounts(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from sign_up_counts
     where began_at < ${before}
  `);
}

export function deleteOldSoftBounces(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from soft_bounces
     where deferred_at < ${before}
  `);
}

export function deleteExpiredLimits(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    delete from sign_up_limits
     where resets_at < ${now}
  `);
}

/** Subscriptions that were confirmed meanwhile stay, and so do erased ones, which have been confirmed once. */
export function deleteUnconfirmed(tx: Tx, ids: string[]): Promise<{ subscriberId: string }[]> {
  return tx.many<{ subscriberId: string }>(sql`
    delete from subscriptions
     where id = any(${ids}::uuid[])
       and confirmed_at is null
       and erased_at is null
    returning subscriber_id
  `);
}

/** An unconfirmed subscription has a record when she wanted no mail: the suppression of her address's hash remains. */
export function deleteConsentsOfUnconfirmed(tx: Tx, ids: string[]): Promise<number> {
  return tx.run(sql`
    delete from consents
     where subscription_id in (
       select id
         from subscriptions
        where id = any(${ids}::uuid[])
          and confirmed_at is null
          and erased_at is null
     )
  `);
}

export function deleteOldLinkRequests(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from link_requests
     where created_at < ${before}
  `);
}

/** Consents keep their time and wording; where the buttons were pressed goes after the publication's `evidence_days`. */
export function clearExpiredConsentEvidence(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    update consents c
       set request_ip = null,
           request_agent = null,
           confirm_ip = null,
           confirm_agent = null
      from subscriptions s
      join publications p on p.id = s.publication_id
     where s.id = c.subscription_id
       and num_nonnulls(c.request_ip, c.request_agent, c.confirm_ip, c.confirm_agent) > 0
       and c.created_at < ${now}::timestamptz - make_interval(days => p.evidence_days)
  `);
}

/** Requests hold their evidence until a consent takes it over, and no longer than `evidence_days`. */
export function clearExpiredRequestEvidence(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    update sign_up_requests r
       set ip = null,
           agent = null
      from publications p
     where p.id = r.publication_id
       and num_nonnulls(r.ip, r.agent) > 0
       and r.created_at < ${now}::timestamptz - make_interval(days => p.evidence_days)
  `);
}

/** That there was a change of address, and when, stays. */
export function clearExpiredAddresses(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    update address_changes
       set old_email = null,
           new_email = null
     where old_email is not null
       and asked_at <= ${before}
  `);
}
