import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/**
 * Where a consent's request came from, as it was recorded then, and where she confirmed. A link that was sent again has
 * no form behind it: the one before it says where she asked.
 */
export function updateEvidence(
  tx: Tx,
  consentId: string,
  byForm: boolean,
  confirmed: { ip: string | null; agent: string | null },
): Promise<number> {
  return tx.run(sql`
    update consents c
       set confirm_ip = ${confirmed.ip}::inet,
           confirm_agent = ${confirmed.agent},
           (request_ip, request_agent) = (
             select ip, agent
               from sign_up_requests r
              where ${byForm}
                and r.subscription_id = c.subscription_id
                and num_nonnulls(ip, agent) > 0
              order by r.created_at desc, r.id desc
              limit 1
           )
     where id = ${consentId}
  `);
}

/** Where consents came from, once it has been kept as long as their publication says. */
export function clearExpiredEvidence(tx: Tx, now: Date): Promise<number> {
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

/** The same of forms that nobody has confirmed. */
export function clearExpiredOrigins(tx: Tx, now: Date): Promise<number> {
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

/** The same at once, of one reader. */
export function clearEvidenceOf(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    update consents
       set request_ip = null,
           request_agent = null,
           confirm_ip = null,
           confirm_agent = null
     where subscription_id = ${subscriptionId}
  `);
}
