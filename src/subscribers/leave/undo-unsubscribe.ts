import type { Context } from '../../platform/context.js';
import { findSubscription, isSuppressed } from '../reads.js';
import { mayUndoUnsubscribe } from '../subscription.js';
import { restoreSubscription } from './restore-subscription.js';

/** Takes an unsubscription of the last day back, with her choices and her place in the articles. */
export function undoUnsubscribe(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'too-late' }> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined || !mayUndoUnsubscribe(subscription, now())) return { kind: 'too-late' };
    const { publicationId, emailKey } = subscription;
    if (await isSuppressed(tx, publicationId, hashAddress(emailKey))) return { kind: 'too-late' };
    return { kind: (await restoreSubscription(tx, subscription, now())) ? 'resumed' : 'too-late' };
  });
}
