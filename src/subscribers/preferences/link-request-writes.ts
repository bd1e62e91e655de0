import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export type LinkRequest = { id: string; publicationId: string; email: string; createdAt: Date };

export function insertLinkRequest(
  tx: Tx,
  request: Omit<LinkRequest, 'id' | 'createdAt'>,
  now: Date,
): Promise<{ id: string }> {
  return tx.one(sql`
    insert into link_requests (publication_id, email, created_at)
    values (${request.publicationId}, ${request.email}, ${now})
    returning id
  `);
}

/** Takes a request away: who gets it answers it, and nobody else. */
export function takeLinkRequest(tx: Tx, id: string): Promise<LinkRequest | undefined> {
  return tx.maybe<LinkRequest>(sql`
    delete from link_requests
     where id = ${id}
    returning id, publication_id, email, created_at
  `);
}

export function deleteOldLinkRequests(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from link_requests
     where created_at < ${before}
  `);
}

export function deleteLinkRequestsOfAddress(
  tx: Tx,
  publicationId: string,
  emailKey: string,
): Promise<number> {
  return tx.run(sql`
    delete from link_requests
     where publication_id = ${publicationId}
       and lower(email) = lower(${emailKey})
  `);
}
