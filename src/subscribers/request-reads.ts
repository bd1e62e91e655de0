import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';

/** A sign-up request; what follows it says which. */
export const selectRequests = raw(`
    select id, publication_id, email, locale, timezone, cadence, topics, source, created_at, subscription_id, outcome
      from sign_up_requests`);

/** A request, once a visitor has sent the form. */
export type SignUpRequest = {
  id: string;
  publicationId: string;
  email: string;
  locale: string | null;
  timezone: string | null;
  cadence: string | null;
  topics: string[];
  source: string | null;
  createdAt: Date;
  subscriptionId: string | null;
  outcome: 'confirmation' | 'already-subscribed' | 'capped' | 'suppressed' | 'held' | null;
};

export function findSignUpRequest(db: Db | Tx, id: string): Promise<SignUpRequest | undefined> {
  return db.maybe<SignUpRequest>(sql`
    ${selectRequests}
     where id = ${id}
  `);
}

/** The newest request that a confirmation mail went out for. */
export function findLatestRequest(db: Db | Tx, subscriptionId: string): Promise<SignUpRequest | undefined> {
  return db.maybe<SignUpRequest>(sql`
    ${selectRequests}
     where subscription_id = ${subscriptionId}
       and outcome = 'confirmation'
     order by created_at desc
     limit 1
  `);
}

/** The mails to an address that nobody clicked, since a moment. */
export function listCappedMails(
  db: Db | Tx,
  addressHash: Buffer,
  since: Date,
): Promise<{ publicationId: string; askedAt: Date }[]> {
  return db.many(sql`
    select publication_id, asked_at
      from capped_mails
     where address_hash = ${addressHash}
       and asked_at > ${since}
  `);
}
