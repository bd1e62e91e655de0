import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import { requests, type SignUpRequest } from './reads.js';

export type NewRequest = {
  publicationId: string;
  email: string;
  locale: string | null;
  timezone: string | null;
  cadence: string | null;
  topics: string[];
  source: string | null;
};

export function insertRequest(tx: Tx, request: NewRequest, now: Date): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into sign_up_requests (publication_id, email, locale, timezone, cadence, topics, source, created_at)
    values (${request.publicationId}, ${request.email}, ${request.locale}, ${request.timezone},
            ${request.cadence}, ${request.topics}, ${request.source}, ${now})
    returning id
  `);
}

/** The request, if nobody has answered it yet; locked, so that two workers answer it once. */
export function lockUnanswered(tx: Tx, id: string): Promise<SignUpRequest | undefined> {
  return tx.maybe<SignUpRequest>(sql`
    ${requests}
     where id = ${id}
       and outcome is null
       for update
  `);
}

export function noteAnswer(
  tx: Tx,
  id: string,
  outcome: NonNullable<SignUpRequest['outcome']>,
  subscriptionId: string | null,
): Promise<number> {
  return tx.run(sql`
    update sign_up_requests
       set outcome = ${outcome},
           subscription_id = ${subscriptionId}
     where id = ${id}
       and outcome is null
  `);
}

export function insertAsked(tx: Tx, addressHash: Buffer, publicationId: string, now: Date): Promise<number> {
  return tx.run(sql`
    insert into asked_addresses (address_hash, publication_id, asked_at)
    values (${addressHash}, ${publicationId}, ${now})
  `);
}

/** She clicked: what we asked before no longer counts against her. */
export function forgetAsked(tx: Tx, addressHash: Buffer, publicationId: string): Promise<number> {
  return tx.run(sql`
    delete from asked_addresses
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
  `);
}

export function deleteOldRequests(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where created_at < ${before}
  `);
}

export function deleteOldAsked(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from asked_addresses
     where asked_at < ${before}
  `);
}

export function detachRequests(tx: Tx, subscriptionIds: string[]): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where subscription_id = any(${subscriptionIds}::uuid[])
  `);
}

/** Everything this address asked of a publication, answered or not. The database folds both sides alike. */
export function deleteRequestsOf(tx: Tx, publicationId: string, emailKey: string): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where publication_id = ${publicationId}
       and lower(email) = lower(${emailKey})
  `);
}
