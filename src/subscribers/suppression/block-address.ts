import type { Context } from '../../platform/context.js';
import { findSubscription } from '../reads.js';
import { markUnsubscribed } from '../writes.js';
import { insertSuppression } from './writes.js';
import { insertConsent } from '../consent/writes.js';

/** "Never email me from this newsletter": ends the subscription and suppresses the address there. May be called again. */
export function blockAddress(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined) return;
    const { emailKey, publicationId } = subscription;
    const added = await insertSuppression(tx, hashAddress(emailKey), publicationId, 'never', now());
    await markUnsubscribed(tx, subscriptionId, now());
    if (added > 0) await insertConsent(tx, { subscriptionId, kind: 'never' }, now());
  });
}
