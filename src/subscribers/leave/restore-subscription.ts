import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { insertConsent } from '../consent/writes.js';
import { nextDueAt } from '../due/next-due.js';
import { findSubscription } from '../reads.js';
import type { Subscription } from '../subscription.js';
import { addressHashes } from '../suppression/address-hashes.js';
import { isSuppressed } from '../suppression/reads.js';
import { markRestored } from '../writes.js';
import { deleteLeaveReasons } from './writes.js';

/** How long one button undoes an unsubscription. Not longer: a forwarded digest has the link too. */
export const UNDO_WINDOW_MS = DAY_MS;

export function undoDeadline(unsubscribedAt: Date): Date {
  return new Date(unsubscribedAt.getTime() + UNDO_WINDOW_MS);
}

export function mayUndoUnsubscribe(
  { status, unsubscribedAt, confirmedAt }: Pick<Subscription, 'status' | 'unsubscribedAt' | 'confirmedAt'>,
  now: Date,
): boolean {
  if (status !== 'unsubscribed' || confirmedAt === null) return false;
  return unsubscribedAt !== null && now < undoDeadline(unsubscribedAt);
}

/** Undoes an unsubscription of the last day, unless the address is suppressed. */
export function undoUnsubscribe(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'too-late' }> {
  const { db, now, hashAddress } = context;
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined || !mayUndoUnsubscribe(subscription, now())) return { kind: 'too-late' };
    const { publicationId, emailKey } = subscription;
    if (await isSuppressed(tx, publicationId, addressHashes(hashAddress, emailKey)))
      return { kind: 'too-late' };
    const restored = await restoreSubscription(tx, context, subscription, { withLinks: true });
    return { kind: restored ? 'resumed' : 'too-late' };
  });
}

/**
 * Puts an ended subscription back as it was, with its choices and its watermark: articles released meanwhile still come.
 * @param withLinks whether the settings links that leaving revoked work again
 * @returns false when the subscription has changed since it was read
 */
export async function restoreSubscription(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  subscription: Subscription,
  { withLinks }: { withLinks: boolean } = { withLinks: false },
): Promise<boolean> {
  const { id, publicationId, unsubscribedAt, pausedAt } = subscription;
  if (unsubscribedAt === null) return false;
  const due = pausedAt === null ? nextDueAt(subscription, unsubscribedAt) : null;
  const restored = await markRestored(tx, { id, unsubscribedAt }, due, withLinks);
  if (restored === undefined) return false;
  const { status } = restored;
  const change = { kind: 'subscription.restored', publicationId, subjectId: id } as const;
  await recordActivity(tx, context, { ...change, after: { status } });
  const now = context.now();
  await deleteLeaveReasons(tx, [id]);
  await insertConsent(tx, { subscriptionId: id, kind: 'resumed' }, now);
  // Articles released meanwhile would otherwise wait for the next one.
  await enqueue(tx, 'plan-instant', { publicationId }, now);
  return true;
}
