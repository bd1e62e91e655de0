import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { markUnsubscribed } from '../writes.js';
import { insertConsent } from '../consent/writes.js';
import type { LeaveReason } from './leave-reason.js';
import { upsertLeaveReason } from './writes.js';

/**
 * Ends a subscription at once, from whatever state: only a mail whose transmission has begun is still sent. It may be called
 * again, as one-click requests (RFC 8058) may be repeated.
 */
export function unsubscribe(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  subscriptionId: string,
): Promise<{ kind: 'unsubscribed' | 'already-unsubscribed' }> {
  return context.db.transaction((tx) => endSubscription(tx, context, subscriptionId));
}

/** As `unsubscribe`, in the caller's transaction. */
export async function endSubscription(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  subscriptionId: string,
): Promise<{ kind: 'unsubscribed' | 'already-unsubscribed' }> {
  const now = context.now();
  const ended = await markUnsubscribed(tx, subscriptionId, now);
  if (ended === undefined) return { kind: 'already-unsubscribed' };
  const { publicationId, previousStatus: status } = ended;
  const change = { kind: 'subscription.unsubscribed', publicationId, subjectId: subscriptionId } as const;
  await recordActivity(tx, context, { ...change, before: { status } });
  await insertConsent(tx, { subscriptionId, kind: 'unsubscribed' }, now);
  return { kind: 'unsubscribed' };
}

/** Stores why a subscription ended, for the publisher's figures. Nothing is stored of one that has not ended. */
export async function recordLeaveReason(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
  reason: LeaveReason,
): Promise<void> {
  await db.transaction((tx) => upsertLeaveReason(tx, subscriptionId, reason, now()));
}
