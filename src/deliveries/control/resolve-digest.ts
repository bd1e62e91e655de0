import { z } from 'zod';
import { isActionAllowed, type DigestActionResult } from '../../digests/transition.js';
import type { Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { lockNextBatch } from './writes.js';
import { listUncertainBatches, type UncertainFilter } from './reads.js';
import { markAccepted, requeueUncertain } from './resolve-writes.js';
import { wakeBatch } from '../batches/wake-batch.js';

export const resolveInput = z.object({
  as: z.enum(['accepted', 'resend']),
  /** Of one reader; all of the digest when absent. */
  subscriptionId: z.uuid().optional(),
});

export type Resolution = z.infer<typeof resolveInput>['as'];

/** `nothing`: no mail of it was uncertain. */
export type ResolveResult = DigestActionResult<{ count: number }> | { kind: 'nothing' };

/**
 * An operator decides about mails of which nobody can know whether they arrived: they did (`accepted`), or they are sent
 * again although they may have (`resend`). Batch by batch; a second time finds none.
 */
export async function resolveDigest(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  digestId: string,
  { as, subscriptionId }: z.infer<typeof resolveInput>,
): Promise<ResolveResult> {
  const { db, now } = context;
  const digest = await findDigest(db, digestId);
  if (digest === undefined) return { kind: 'unknown' };
  if (!mayResolve(digest, as)) {
    const isTooOld = as === 'resend' && digest.detailsDeletedAt !== null;
    return { kind: 'refused', state: digest.state, ...(isTooOld && { isTooOld }) };
  }
  const filter = { asOf: now(), subscriptionId };
  let count = 0;
  for (const { number } of await db.transaction((tx) => listUncertainBatches(tx, digestId, filter)))
    count += await db.transaction(async (tx) => {
      const resolved = await resolveBatch(tx, { digestId, number, as, filter }, now());
      // Once for all batches, with the first that changes anything.
      if (resolved > 0 && count === 0) {
        const change = { kind: 'digest.resolved', publicationId: digest.publicationId } as const;
        const after = { as, subscriptionId };
        await recordActivity(tx, context, { ...change, subjectId: digestId, after });
      }
      return resolved;
    });
  return count === 0 ? { kind: 'nothing' } : { kind: 'done', count };
}

/** A cancelled digest is sent to nobody again, nor is one whose mails were deleted. */
export function mayResolve(
  { state, detailsDeletedAt }: Pick<Digest, 'state' | 'detailsDeletedAt'>,
  as: Resolution,
): boolean {
  if (as === 'accepted') return isActionAllowed(state, 'resolve');
  return detailsDeletedAt === null && isActionAllowed(state, 'retry');
}

async function resolveBatch(
  tx: Tx,
  { as, filter, ...batch }: { digestId: string; number: number; as: Resolution; filter: UncertainFilter },
  now: Date,
): Promise<number> {
  await lockNextBatch(tx, batch.digestId, batch.number - 1);
  const digest = await findDigest(tx, batch.digestId);
  if (digest === undefined || !mayResolve(digest, as)) return 0;
  if (as === 'accepted') return markAccepted(tx, batch, filter, now);
  const queued = await requeueUncertain(tx, batch, filter, now);
  if (queued > 0) {
    await reopenForResend(tx, batch.digestId, now);
    await wakeBatch(tx, batch, now);
  }
  return queued;
}
