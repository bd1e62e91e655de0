import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { countMoved } from '../count-moved.js';
import type { BatchKey } from '../delivery.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';

/**
 * queued or deferred -> skipped, of a reader whose address has changed: what was planned for one address goes to no other.
 * Only digests that are being sent have such deliveries, and they are few.
 */
export async function skipForAddressChange(
  tx: Tx,
  { id, publicationId }: Pick<Subscription, 'id' | 'publicationId'>,
  now: Date,
): Promise<void> {
  for (const from of statesBefore(DELIVERY_TRANSITIONS, 'skip')) {
    const skipped = await tx.many<BatchKey>(sql`
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
         and d.state = ${from}
      returning d.digest_id, d.batch as number
    `);
    for (const batch of skipped)
      await countMoved(tx, batch, [{ from, to: ['skipped', 'address-changed'], count: 1 }]);
  }
}
