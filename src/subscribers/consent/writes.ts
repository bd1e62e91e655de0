import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export type NewConsent = {
  subscriptionId: string;
  kind: 'confirmed' | 'unsubscribed' | 'resumed' | 'never' | 'paused' | 'changed';
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
