import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export function deleteRequestsOfSubscriptions(tx: Tx, subscriptionIds: string[]): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where subscription_id = any(${subscriptionIds}::uuid[])
  `);
}

/** Also requests that led to no subscription. The database folds both sides, so that they agree on letters beyond ASCII. */
export function deleteRequestsOfAddress(tx: Tx, publicationId: string, emailKey: string): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where publication_id = ${publicationId}
       and lower(email) = lower(${emailKey})
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

export function clearConsentEvidence(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    update consents
       set request_ip = null,
           request_agent = null,
           confirm_ip = null,
           confirm_agent = null
     where subscription_id = ${subscriptionId}
  `);
}

/** Changes of this subscription, and changes of others that were merged into it. */
export function deleteAddressChangesOf(tx: Tx, subscriptionId: string): Promise<number> {
  return tx.run(sql`
    delete from address_changes
     where subscription_id = ${subscriptionId}
        or merged_into = ${subscriptionId}
  `);
}

export async function deleteConfirmVisits(tx: Tx, subscriptionId: string): Promise<void> {
  await tx.run(sql`
    delete from confirm_visits
     where subscription_id = ${subscriptionId}
  `);
}
