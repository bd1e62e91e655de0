import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Subscription } from './subscription.js';

/** A kept proof, with the words she agreed to. */
export type ConsentRecord = {
  kind: string;
  wording: string | null;
  wordingVersion: string | null;
  source: string | null;
  requestedAt: Date | null;
  createdAt: Date;
  requestIp: string | null;
  requestAgent: string | null;
  confirmIp: string | null;
  confirmAgent: string | null;
};

export function listConsents(db: Db | Tx, subscriptionId: string): Promise<ConsentRecord[]> {
  return db.many<ConsentRecord>(sql`
    select c.kind, w.body as wording, c.wording_version, c.source, c.requested_at, c.created_at,
           host(c.request_ip) as request_ip, c.request_agent, host(c.confirm_ip) as confirm_ip, c.confirm_agent
      from consents c
      left join consent_wordings w on w.version = c.wording_version
     where c.subscription_id = ${subscriptionId}
     order by c.created_at, c.id
  `);
}

/** What a visitor typed and asked for with her address, as long as it is kept: a row as it is. */
export function exportRequests(
  db: Db | Tx,
  { id, publicationId, emailKey }: Pick<Subscription, 'id' | 'publicationId' | 'emailKey'>,
): Promise<{ request: Record<string, unknown> }[]> {
  return db.many(sql`
    select to_jsonb(r) - 'id' - 'publication_id' - 'subscription_id' as request
      from sign_up_requests r
     where publication_id = ${publicationId}
       and (subscription_id = ${id} or lower(email) = lower(${emailKey}))
     order by created_at
  `);
}

/** Everything in a subscription's own row: what is added to it one day is in its reader's copy that day. */
export function exportSubscription(
  db: Db | Tx,
  id: string,
): Promise<{ subscription: Record<string, unknown> }> {
  return db.one(sql`
    select to_jsonb(s) - 'id' - 'publication_id' - 'subscriber_id' - 'generation' as subscription
      from subscriptions s
     where id = ${id}
  `);
}
