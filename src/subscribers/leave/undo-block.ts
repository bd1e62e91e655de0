import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { insertConsent } from '../consent/writes.js';
import { findSubscription } from '../reads.js';
import type { AddressHashes } from '../suppression/address-hashes.js';
import { BLOCK_UNDO_MS } from '../suppression/operator-changes.js';
import { listSuppressionsOf } from '../suppression/reads.js';
import { deleteRecentBlock, insertSuppressionChange } from '../suppression/writes.js';
import { mayUndoUnsubscribe, restoreSubscription } from './restore-subscription.js';

/** Whether "Never email me" was pressed within the last day. */
export async function mayUndoBlock(
  db: Db | Tx,
  publicationId: string,
  hashes: AddressHashes,
  now: Date,
): Promise<boolean> {
  const all = await listSuppressionsOf(db, publicationId, hashes);
  return all.some(
    ({ reason, everywhere, createdAt }) =>
      reason === 'never' && !everywhere && createdAt.getTime() > now.getTime() - BLOCK_UNDO_MS,
  );
}

/** Undoes "Never email me" within a day: lifts the block, and restores a subscription that it ended. */
export function undoBlock(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>,
  subscriptionId: string,
): Promise<{ kind: 'undone' | 'too-late' }> {
  const { db, now, hashAddress } = context;
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined) return { kind: 'too-late' };
    const { publicationId, emailKey, unsubscribedAt } = subscription;
    const addressHash = hashAddress(emailKey);
    const since = new Date(now().getTime() - BLOCK_UNDO_MS);
    const block = await deleteRecentBlock(tx, addressHash, publicationId, since);
    if (block === undefined) return { kind: 'too-late' };
    const lifted = { addressHash, publicationId, reason: 'never' as const, note: null };
    await insertSuppressionChange(tx, { ...lifted, change: 'lifted', changedBy: 'reader' }, now());
    await insertConsent(tx, { subscriptionId, kind: 'never-undone' }, now());
    const change = { kind: 'subscription.unblocked', publicationId, subjectId: subscriptionId } as const;
    await recordActivity(tx, context, change);
    // One that she had ended before she blocked the address stays ended.
    const endedByBlock = unsubscribedAt !== null && unsubscribedAt >= block.createdAt;
    if (endedByBlock && mayUndoUnsubscribe(subscription, now()))
      await restoreSubscription(tx, context, subscription, { withLinks: true });
    return { kind: 'undone' };
  });
}
