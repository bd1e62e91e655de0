import type { Context } from '../platform/context.js';
import { findSubscription, isSuppressed } from './reads.js';
import { mayUndo } from './subscription.js';
import { takeEndBack } from './take-end-back.js';

/** Takes an unsubscription of the last day back, with her choices and her place in the articles. */
export function undoUnsubscribe(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'too-late' }> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined || !mayUndo(subscription, now())) return { kind: 'too-late' };
    const { publicationId, emailKey } = subscription;
    if (await isSuppressed(tx, publicationId, hashAddress(emailKey))) return { kind: 'too-late' };
    return { kind: (await takeEndBack(tx, subscription, now())) ? 'resumed' : 'too-late' };
  });
}
