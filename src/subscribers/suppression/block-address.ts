import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { findSubscription } from '../reads.js';
import { markUnsubscribed } from '../writes.js';
import { insertSuppression } from './writes.js';
import { insertConsent } from '../consent/writes.js';

/** "Never email me from this newsletter": ends the subscription and suppresses the address there. May be called again. */
export function blockAddress(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>,
  subscriptionId: string,
): Promise<void> {
  const { db, now, hashAddress } = context;
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined) return;
    const { emailKey, publicationId, status } = subscription;
    const added = await insertSuppression(tx, hashAddress(emailKey), publicationId, 'never', now());
    const ended = await markUnsubscribed(tx, subscriptionId, now());
    if (added !== undefined) await insertConsent(tx, { subscriptionId, kind: 'never' }, now());
    if (added === undefined && ended === undefined) return;
    const kind = added === undefined ? 'subscription.unsubscribed' : 'subscription.blocked';
    const before = { status };
    await recordActivity(tx, context, { kind, publicationId, subjectId: subscriptionId, before });
  });
}
