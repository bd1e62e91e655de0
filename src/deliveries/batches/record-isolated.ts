import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { recordFailedRow } from '../../platform/jobs/isolated-run.js';
import { isolateFaults } from '../../platform/process/isolate-faults.js';
import { isRowFault } from '../../platform/process/row-fault.js';
import type { FinishedAttempt } from '../attempt-result.js';
import type { AttemptKey, BatchKey } from '../delivery.js';
import { recordResults } from '../record-results.js';
import { markUncertain, NOT_RECORDED } from '../writes.js';

type RecordContext = Pick<Context, 'db' | 'now' | 'log'>;

/**
 * Records results together. Where one of them cannot be recorded, the others are all the same: what has no row that takes it
 * without what follows from it (a suppression, a count) counts as uncertain, and is among the failed rows.
 * @param record in a transaction of its own
 */
export async function recordIsolated(
  context: RecordContext,
  batch: BatchKey,
  rows: readonly FinishedAttempt[],
  record: (part: readonly FinishedAttempt[]) => Promise<unknown>,
): Promise<void> {
  const { db, now } = context;
  const { failures } = await isolateFaults(rows, record);
  for (const { row, error } of failures) {
    const isSettled =
      (await isDone(() => db.transaction((tx) => recordResults(tx, batch, [row], now())))) ||
      (await isDone(() => db.transaction((tx) => markUncertain(tx, batch, [row], now(), NOT_RECORDED))));
    await recordFailure(context, batch, row, error, { retries: !isSettled });
  }
}

/** Changes rows together, and each by itself where one of them cannot be changed. */
export async function changeIsolated(
  context: RecordContext,
  batch: BatchKey,
  rows: readonly AttemptKey[],
  change: (tx: Tx, part: readonly AttemptKey[]) => Promise<unknown>,
): Promise<void> {
  const { failures } = await isolateFaults(rows, (part) => context.db.transaction((tx) => change(tx, part)));
  for (const { row, error } of failures) await recordFailure(context, batch, row, error, { retries: true });
}

async function isDone(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isRowFault(error)) return false;
    throw error;
  }
}

async function recordFailure(
  context: RecordContext,
  { digestId }: BatchKey,
  { subscriptionId: rowId }: AttemptKey,
  error: unknown,
  { retries }: { retries: boolean },
): Promise<void> {
  const digest = await findDigest(context.db, digestId);
  if (digest === undefined) return;
  const { publicationId } = digest;
  await recordFailedRow(
    context,
    'record-result',
    { kind: 'subscription', rowId, publicationId, retries },
    error,
  );
}
