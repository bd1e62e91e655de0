import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Subscription } from './subscription.js';

/** A change of address. The addresses are gone once it can neither be confirmed nor taken back. */
export type AddressChange = {
  id: string;
  subscriptionId: string;
  oldEmail: string | null;
  newEmail: string | null;
  state: 'asked' | 'confirmed' | 'cancelled';
  mergedInto: string | null;
  askedAt: Date;
  confirmedAt: Date | null;
  cancelledAt: Date | null;
};

const changes = raw(`
    select id, subscription_id, old_email, new_email, state, merged_into, asked_at, confirmed_at, cancelled_at
      from address_changes`);

export function findAddressChange(db: Db | Tx, id: string): Promise<AddressChange | undefined> {
  return db.maybe<AddressChange>(sql`
    ${changes}
     where id = ${id}
  `);
}

/** All of a subscription, newest first; one that the other address ended in is hers too. */
export function listAddressChanges(db: Db | Tx, subscriptionId: string): Promise<AddressChange[]> {
  return db.many<AddressChange>(sql`
    ${changes}
     where subscription_id = ${subscriptionId}
     order by asked_at desc, id desc
  `);
}

/** Subscriptions that ended in this one when their addresses were changed to its own. */
export function listEndedIn(db: Db | Tx, subscriptionId: string): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select c.subscription_id as id
      from address_changes c
      join subscriptions s on s.id = c.subscription_id
     where c.merged_into = ${subscriptionId}
       and c.state = 'confirmed'
       and s.status = 'unsubscribed'
  `);
}

export async function countChangesSince(db: Db | Tx, subscriptionId: string, since: Date): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from address_changes
     where subscription_id = ${subscriptionId}
       and asked_at > ${since}
  `);
  return count;
}

export type SuppressionReason = 'never' | 'bounced' | 'complained' | 'operator' | 'erased';

export type Suppression = {
  /** By every newsletter here. */
  everywhere: boolean;
  reason: SuppressionReason;
  createdAt: Date;
};

/** Why this publication does not mail an address, and since when: its own reason, and that of all. */
export function listSuppressionsOf(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<Suppression[]> {
  return db.many<Suppression>(sql`
    select publication_id is null as everywhere, reason, created_at
      from suppressions
     where address_hash = ${addressHash}
       and (publication_id = ${publicationId} or publication_id is null)
     order by created_at
  `);
}

/** A kept proof, with the words she agreed to. */
export type KeptConsent = {
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

export function listConsents(db: Db | Tx, subscriptionId: string): Promise<KeptConsent[]> {
  return db.many<KeptConsent>(sql`
    select c.kind, w.body as wording, c.wording_version, c.source, c.requested_at, c.created_at,
           host(c.request_ip) as request_ip, c.request_agent, host(c.confirm_ip) as confirm_ip, c.confirm_agent
      from consents c
      left join consent_wordings w on w.version = c.wording_version
     where c.subscription_id = ${subscriptionId}
     order by c.created_at, c.id
  `);
}

/** What a visitor typed and asked for with her address, as long as it is kept: a row as it is. */
export function listRequestsOf(
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
export function readWholeSubscription(
  db: Db | Tx,
  id: string,
): Promise<{ subscription: Record<string, unknown> }> {
  return db.one(sql`
    select to_jsonb(s) - 'id' - 'publication_id' - 'subscriber_id' - 'generation' as subscription
      from subscriptions s
     where id = ${id}
  `);
}
