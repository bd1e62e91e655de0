import type { Context } from '../../platform/context.js';
import { upsertLeaveReason } from './writes.js';

export const leaveReasons = ['too-many', 'not-relevant', 'never-asked', 'other'] as const;
export type LeaveReason = (typeof leaveReasons)[number];

/** Keeps why she left, for the publisher to count; another answer replaces it. Of who has not left, nothing is kept. */
export async function recordLeaveReason(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
  reason: LeaveReason,
): Promise<void> {
  await db.transaction((tx) => upsertLeaveReason(tx, subscriptionId, reason, now()));
}
