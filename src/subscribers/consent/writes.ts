import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export type NewConsent = {
  subscriptionId: string;
  kind:
    | 'confirmed'
    | 'unsubscribed'
    | 'resumed'
    | 'never'
    | 'never-undone'
    | 'paused'
    | 'changed'
    | 'imported';
  wordingVersion?: string;
  source?: string | null;
  requestedAt?: Date | null;
};

export function insertConsent(tx: Tx, consent: NewConsent, now: Date): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into consents (subscription_id, kind, wording_version, source, requested_at, created_at)
    values (${consent.subscriptionId}, ${consent.kind}, ${consent.wordingVersion ?? null},
            ${consent.source ?? null}, ${consent.requestedAt ?? null}, ${now})
    returning id
  `);
}

export function insertWording(tx: Tx, version: string, body: string, now: Date): Promise<number> {
  return tx.run(sql`
    insert into consent_wordings (version, body, first_used_at)
    values (${version}, ${body}, ${now})
    on conflict (version) do nothing
  `);
}

/**
 * Stores where a consent was confirmed, and copies where its form came from.
 * @param requestId of the form; null: none preceded the consent, and only the confirmation has evidence
 */
export function updateEvidence(
  tx: Tx,
  consentId: string,
  requestId: string | null,
  confirmed: { ip: string | null; agent: string | null },
): Promise<number> {
  return tx.run(sql`
    update consents c
       set confirm_ip = ${confirmed.ip}::inet,
           confirm_agent = ${confirmed.agent},
           (request_ip, request_agent) = (
             select ip, agent
               from sign_up_requests r
              where r.id = ${requestId}
           )
     where id = ${consentId}
  `);
}
