import type { Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';

const hasDetails = raw(
  'num_nonnulls(address_hash, answer, provider_message_id, transport_id, next_attempt_at) > 0',
);

/**
 * Clears the hash, the server's words and the server of a page of the deliveries that have any.
 * @returns the last of the page; undefined where there is none after that subscription
 */
export function deleteDetailsAfter(
  tx: Tx,
  where: { digestId: string; after: string; limit: number },
): Promise<{ subscriptionId: string } | undefined> {
  return tx.maybe(sql`
    with page as materialized (
      select subscription_id
        from deliveries
       where digest_id = ${where.digestId}
         and subscription_id > ${where.after}
         and ${hasDetails}
       order by subscription_id
       limit ${where.limit}
    ), cleared as (
      update deliveries d
         set address_hash = null,
             answer = null,
             provider_message_id = null,
             transport_id = null,
             next_attempt_at = null
        from page
       where d.digest_id = ${where.digestId}
         and d.subscription_id = page.subscription_id
    )
    select subscription_id
      from page
     order by subscription_id desc
     limit 1
  `);
}

/** Nothing of the digest is sent any more. */
export function deleteBatches(tx: Tx, digestId: string): Promise<number> {
  return tx.run(sql`delete from batches where digest_id = ${digestId}`);
}

/** Single mails of which nothing is left to do. `beforeId`: the lowest id that a row of that moment can have. */
export function deleteNoticesBefore(
  tx: Tx,
  { before, beforeId }: { before: Date; beforeId: string },
  limit: number,
): Promise<number> {
  return tx.run(sql`
    delete from notices
     where id in (
       select id
         from notices
        where id < ${beforeId}
          and created_at < ${before}
          and due_at is null
        order by id
        limit ${limit}
     )
  `);
}
