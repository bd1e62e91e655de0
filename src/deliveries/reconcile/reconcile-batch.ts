import { isExpired, type Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { skippedResult, type AttemptResult, type FinishedAttempt } from '../attempt-result.js';
import { wakeBatch } from '../batches/wake-batch.js';
import type { BatchKey } from '../delivery.js';
import { recordResults } from '../record-results.js';
import { acceptedByLog, notAcceptedByLog, type LogFinding } from './check-mail-logs.js';
import { lockIdleBatch, type UncertainDelivery } from './reads.js';

/** An uncertain delivery, and what a mail log says of it. */
export type CheckedDelivery = { row: UncertainDelivery; finding: LogFinding };

/** How many uncertain deliveries became what. */
export type ReconcileCounts = {
  accepted: number;
  queued: number;
  skipped: number;
  /** The server has seen them, and the log does not say whether it took them. */
  unclear: number;
  /** Not in the log, which proves nothing by that. */
  uncovered: number;
  /** A worker has their batch: the next time finds them. */
  busy: number;
};

export const NO_COUNTS: ReconcileCounts = {
  accepted: 0,
  queued: 0,
  skipped: 0,
  unclear: 0,
  uncovered: 0,
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

function countResults(
  checked: readonly CheckedDelivery[],
  finished: readonly FinishedAttempt[],
): ReconcileCounts {
  const countState = (state: AttemptResult['state']) =>
    finished.filter(({ result }) => result.state === state).length;
  const countFinding = (kind: LogFinding['kind']) =>
    checked.filter(({ finding }) => finding.kind === kind).length;
  return {
    accepted: countState('accepted'),
    queued: countState('queued'),
    skipped: countState('skipped'),
    unclear: countFinding('unclear'),
    uncovered: countFinding('uncovered'),
    busy: 0,
  };
}

export function addCounts(one: ReconcileCounts, other: ReconcileCounts): ReconcileCounts {
  return {
    accepted: one.accepted + other.accepted,
    queued: one.queued + other.queued,
    skipped: one.skipped + other.skipped,
    unclear: one.unclear + other.unclear,
    uncovered: one.uncovered + other.uncovered,
    busy: one.busy + other.busy,
  };
}
