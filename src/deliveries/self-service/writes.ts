import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Subscription } from '../../subscribers/subscription.js';

/**
 * queued or deferred -> skipped, of a reader whose address has changed. Looked for in the digests that still send: they are
 * few. What was planned for one address goes to no other.
 */
export function skipForAddressChange(
  tx: Tx,
  { id, publicationId }: Pick<Subscription, 'id' | 'publicationId'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set state = 'skipped',
           answer = concat_ws(': ', 'address changed', d.answer),
           next_attempt_at = null,
           updated_at = ${now}
      from digests g
     where g.publication_id = ${publicationId}
       and g.state in ('sending', 'paused')
       and d.digest_id = g.id
       and d.subscription_id = ${id}
       and d.state in ('queued', 'deferred')
  `);
}
