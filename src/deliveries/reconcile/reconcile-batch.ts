import { isExpired, type Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { skippedResult, type AttemptResult, type FinishedAttempt } from '../attempt-result.js';
import { wakeBatch } from '../batches/wake-batch.js';
import type { BatchKey } from '../delivery.js';
import { logDoubts, type LogDoubt } from '../log-doubt.js';
import { recordResults } from '../record-results.js';
import { acceptedByLog, notAcceptedByLog, type LogFinding } from './check-mail-logs.js';
import { lockIdleBatch, type UncertainDelivery } from './reads.js';
import { noteDoubts } from './writes.js';

/** An uncertain delivery, and what a mail log says of it. */
export type CheckedDelivery = { row: UncertainDelivery; finding: LogFinding };

/** How many uncertain deliveries became what. */
export type ReconcileCounts = {
  accepted: number;
  queued: number;
  skipped: number;
  /** What the log does not decide, by the reason. */
  doubts: Partial<Record<LogDoubt, number>>;
  /** A worker has their batch: the next time finds them. */
  busy: number;
};

export const NO_COUNTS: ReconcileCounts = {
  accepted: 0,
  queued: 0,
  skipped: 0,
  doubts: {},
  busy: 0,
};

/**
 * Records what a mail log proves of a batch's uncertain deliveries. A batch that a worker has leased is left alone: the
 * worker is about to write when it is due next.
 * @param batch.isRecorded whether history is to say that an operator decided so: once for all batches of a digest
 */
export async function reconcileBatch(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'clock'>,
  { byOperator, isRecorded, ...batch }: BatchKey & { byOperator: boolean; isRecorded: boolean },
  checked: readonly CheckedDelivery[],
): Promise<ReconcileCounts> {
  const { db, now } = context;
  const finished = await db.transaction(async (tx) => {
    if ((await lockIdleBatch(tx, batch)) === undefined) return undefined;
    const digest = await findDigest(tx, batch.digestId);
    const rows = checked.flatMap(({ row, finding }) => {
      const result = digest && resultOfFinding(finding, digest, !byOperator && isExpired(digest, context));
      return result === undefined ? [] : [{ ...row, result }];
    });
    await recordResults(tx, batch, rows, now());
    await noteDoubts(tx, batch, listDoubts(checked));
    if (isRecorded && digest !== undefined && rows.length > 0) {
      const change = { kind: 'digest.resolved', publicationId: digest.publicationId } as const;
      await recordActivity(tx, context, { ...change, subjectId: digest.id, after: { as: 'mail-log' } });
    }
    if (!rows.some(({ result }) => result.state === 'queued')) return rows;
    if (byOperator || digest?.state === 'closed') await reopenForResend(tx, batch.digestId, now());
    await wakeBatch(tx, batch, now());
    return rows;
  });
  return finished === undefined ? { ...NO_COUNTS, busy: checked.length } : countResults(checked, finished);
}

/** Undefined: it stays uncertain. What was cancelled or is too old is skipped. */
function resultOfFinding(
  finding: LogFinding,
  digest: Pick<Digest, 'state'>,
  isTooOld: boolean,
): AttemptResult | undefined {
  switch (finding.kind) {
    case 'taken':
      return acceptedByLog(finding.queueId);
    case 'not-taken':
      if (digest.state === 'cancelled') return skippedResult('cancelled');
      return isTooOld ? skippedResult('expired') : notAcceptedByLog();
    case 'unclear':
    case 'uncovered':
      return undefined;
  }
}

function listDoubts(checked: readonly CheckedDelivery[]) {
  return checked.flatMap(({ row, finding }) =>
    'doubt' in finding ? [{ ...row, doubt: finding.doubt }] : [],
  );
}

function countResults(
  checked: readonly CheckedDelivery[],
  finished: readonly FinishedAttempt[],
): ReconcileCounts {
  const countState = (state: AttemptResult['state']) =>
    finished.filter(({ result }) => result.state === state).length;
  const doubts: ReconcileCounts['doubts'] = {};
  for (const { doubt } of listDoubts(checked)) doubts[doubt] = (doubts[doubt] ?? 0) + 1;
  return {
    accepted: countState('accepted'),
    queued: countState('queued'),
    skipped: countState('skipped'),
    doubts,
    busy: 0,
  };
}

export function addCounts(one: ReconcileCounts, other: ReconcileCounts): ReconcileCounts {
  return {
    accepted: one.accepted + other.accepted,
    queued: one.queued + other.queued,
    skipped: one.skipped + other.skipped,
    doubts: addDoubts(one.doubts, other.doubts),
    busy: one.busy + other.busy,
  };
}

function addDoubts(
  one: ReconcileCounts['doubts'],
  other: ReconcileCounts['doubts'],
): ReconcileCounts['doubts'] {
  const sums = logDoubts.map((doubt) => [doubt, (one[doubt] ?? 0) + (other[doubt] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, count]) => count > 0));
}
