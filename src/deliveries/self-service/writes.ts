import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';

/**
 * queued or deferred -> skipped, of a reader whose address has changed: what was planned for one address goes to no other.
 * Only digests that are being sent have such deliveries, and they are few.
 */
export function skipForAddressChange(
  tx: Tx,
  { id, publicationId }: Pick<Subscription, 'id' | 'publicationId'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set state = 'skipped',
           skip_reason = 'address-changed',
           next_attempt_at = null,
           updated_at = ${now}
      from digests g
     where g.publication_id = ${publicationId}
       and g.state in ('sending', 'paused')
       and d.digest_id = g.id
       and d.subscription_id = ${id}
       and d.state = any(${statesBefore(DELIVERY_TRANSITIONS, 'skip')}::text[])
  `);
}
