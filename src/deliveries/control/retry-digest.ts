import { isActionAllowed, type DigestActionResult } from '../../digests/transition.js';
import type { Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { listSuppressed } from '../../subscribers/suppression/reads.js';
import { lockNextBatch } from './writes.js';
import { countFailed, listRejected, type FailedCounts } from './reads.js';
import { requeueRejected, requeueSkipped, retryDeferredNow } from './retry-writes.js';
import type { BatchKey } from '../delivery.js';
import { readLedger } from '../reads.js';
import { retryableSkipReasons } from '../skip-reason.js';
import { wakeBatch } from '../batches/wake-batch.js';
import { forEachBatch, type ControlContext } from './for-each-batch.js';

/** `nothing`: nothing of it failed that may be tried again. */
export type RetryResult =
  | DigestActionResult<{ failed: FailedCounts }>
  | { kind: 'nothing'; suppressed: number };

/**
 * Tries again what failed of a digest: deferred mails now, rejected ones, and those that were skipped for a reason that is
 * not the reader's. Suppressed addresses, accepted and uncertain mails are left alone. A complete digest is open again.
 */
export function retryDigest(context: ControlContext, digestId: string): Promise<RetryResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const digest = await findDigest(tx, digestId);
    if (digest === undefined) return { kind: 'unknown' };
    const isTooOld = digest.detailsDeletedAt !== null;
    if (isTooOld || !isActionAllowed(digest.state, 'retry'))
      return { kind: 'refused', state: digest.state, ...(isTooOld && { isTooOld }) };
    const failed = await countFailed(tx, digestId, digest.publicationId);
    if (failed.deferred + failed.rejected + failed.skipped === 0)
      return { kind: 'nothing', suppressed: failed.suppressed };
    const change = { kind: 'digest.retried', publicationId: digest.publicationId } as const;
    await recordActivity(tx, context, { ...change, subjectId: digestId, after: failed });
    await reopenForResend(tx, digestId, now());
    await enqueue(tx, 'retry-deliveries', { digestId, asOf: now().toISOString() }, now());
    return { kind: 'done', failed };
  });
}

/** A digest with more readers is not gone through for a page. */
const MAX_READERS_GONE_THROUGH = 20_000;

/** How many mails a retry would try again, for a page; of a large digest also those whose addresses it would find suppressed. */
export async function estimateFailed(
  { db }: Pick<ControlContext, 'db'>,
  { id, publicationId }: Pick<Digest, 'id' | 'publicationId'>,
): Promise<{ failed: number; isAtMost: boolean }> {
  const { counts, skipped } = await readLedger(db, id);
  const given = retryableSkipReasons.reduce((sum, reason) => sum + (skipped.get(reason) ?? 0), 0);
  const isAtMost = counts.rejected > 0 && counts.planned > MAX_READERS_GONE_THROUGH;
  if (isAtMost || counts.rejected === 0)
    return { failed: counts.deferred + given + counts.rejected, isAtMost };
  const {
    deferred,
    rejected,
    skipped: givenUp,
  } = await db.transaction((tx) => countFailed(tx, id, publicationId));
  return { failed: deferred + rejected + givenUp, isAtMost };
}

/**
 * Queues them, batch by batch.
 * @param asOf ISO 8601; what has failed once more since is left alone
 */
export async function retryDeliveries(
  context: Pick<Context, 'db' | 'log' | 'now'>,
  { digestId, asOf }: { digestId: string; asOf: string },
): Promise<void> {
  const { now } = context;
  const run = { operation: 'retry-deliveries', digestId } as const;
  await forEachBatch(context, run, lockNextBatch, async (tx, batch) => {
    const digest = await findDigest(tx, digestId);
    if (digest === undefined || digest.detailsDeletedAt !== null || !isActionAllowed(digest.state, 'retry'))
      return;
    const queued = await requeueFailed(tx, digest.publicationId, batch, new Date(asOf), now());
    if (queued === 0) return;
    // Before this batch's turn the digest may have been closed once more, as complete.
    await reopenForResend(tx, digestId, now());
    await wakeBatch(tx, batch, now());
  });
}

async function requeueFailed(
  tx: Tx,
  publicationId: string,
  batch: BatchKey,
  asOf: Date,
  now: Date,
): Promise<number> {
  const rejected = await listRejected(tx, batch, asOf);
  const hashes = rejected.flatMap(({ addressHash }) => addressHash ?? []);
  const suppressed = await listSuppressed(tx, publicationId, hashes);
  const mailable = rejected.filter(({ addressHash }) => !suppressed.has(addressHash?.toString('hex') ?? ''));
  return (
    (await requeueRejected(tx, batch, mailable, now)) +
    (await requeueSkipped(tx, batch, asOf, now)) +
    (await retryDeferredNow(tx, batch, asOf, now))
  );
}
