import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { deleteFailedRows } from '../../platform/jobs/failed-rows.js';
import { recordFailedRow } from '../../platform/jobs/isolated-run.js';
import { domainOf } from '../../platform/mail/address.js';
import type { SendRequest } from '../../platform/mail/message.js';
import { isRowFault } from '../../platform/process/row-fault.js';
import type { Bounce } from '../../subscribers/suppression/suppress-bounced.js';
import {
  NEVER,
  queuedResult,
  retrySoonAt,
  skippedResult,
  toAttemptResult,
  type AttemptResult,
} from '../attempt-result.js';
import { leaseExpiry, withLeaseRenewal } from '../batches/lease-renewal.js';
import type { WorkerContext } from '../send/worker-context.js';
import { suppressUnlessStorm } from '../record-attempts.js';
import type { SkipReason } from '../skip-reason.js';
import { mayNoticeDotGo } from './final-dot-gate.js';
import { isForOperators, type Notice } from './notice.js';
import { findLateSkipReason, prepareNotice, type PreparedNotice } from './prepare-notice.js';
import { noticeResendAt, shouldResendNotices } from './resend-policy.js';
import {
  claimNotice,
  claimUncertainNotice,
  recordNoticeResult,
  renewNotice,
  stopResendingNotice,
} from './writes.js';

/** Sends one notice if it is due and no other worker has it; a second run finds it claimed or done. */
export async function sendNotice(context: WorkerContext, noticeId: string): Promise<void> {
  const { db, now, log, mailer } = context;
  const notice = await db.transaction((tx) => claimDueNotice(tx, context, noticeId));
  if (notice === undefined) return;
  const renew = () => db.transaction((tx) => renewNotice(tx, notice, leaseExpiry(now())));
  const onFailure = (error: unknown) => log.warn({ event: 'notice.lease-not-renewed', noticeId, err: error });
  const { result, bounce } = await withLeaseRenewal(renew, onFailure, () => sendAttempt(context, notice));
  const dueAt = computeNextDueAt(result, mailer, now());
  await db.transaction(async (tx) => {
    const recorded = await recordNoticeResult(tx, notice, result, dueAt, now());
    // An operator's address is not suppressed: every mail to her is tried.
    if (recorded > 0 && bounce !== undefined && !isForOperators(notice))
      await suppressUnlessStorm(tx, [bounce], now());
  });
  const isWell = result.state !== 'queued' && result.skipReason !== 'not-composed';
  if (notice.attempt > 1 && isWell) await deleteFailedRows(db, 'send-notice', [notice.id]);
  log.info({ event: `notice.${result.state}`, noticeId, kind: notice.kind, attempt: notice.attempt });
}

/** A queued or deferred notice, or an uncertain one that is sent again; else it is left for an operator to decide. */
async function claimDueNotice(
  tx: Tx,
  { now, mailer }: Pick<Context, 'now' | 'mailer'>,
  noticeId: string,
): Promise<Notice | undefined> {
  const due = await claimNotice(tx, noticeId, leaseExpiry(now()), now());
  if (due !== undefined || !shouldResendNotices(mailer)) return due;
  const uncertain = await claimUncertainNotice(tx, noticeId, leaseExpiry(now()), now());
  if (uncertain === undefined) await stopResendingNotice(tx, noticeId, now());
  return uncertain;
}

/** How an attempt ended, and the address where it showed that it is bad for good. */
type NoticeAttempt = { result: AttemptResult; bounce?: Bounce };

async function sendAttempt(context: WorkerContext, notice: Notice): Promise<NoticeAttempt> {
  try {
    const prepared = await prepareNotice(context, notice);
    if ('skipReason' in prepared) return { result: skippedResult(prepared.skipReason) };
    if ('until' in prepared) return { result: queuedResult(prepared.until, prepared.reason) };
    return await handOver(context, notice, prepared);
  } catch (error) {
    if (!isRowFault(error)) throw error;
    return { result: await postponeFaulty(context, notice, error) };
  }
}

/** What cannot be composed is tried again while it is of use, since somebody may be mending it, and is then given up. */
async function postponeFaulty(
  context: WorkerContext,
  notice: Notice,
  error: unknown,
): Promise<AttemptResult> {
  const { id: rowId, publicationId, expiresAt } = notice;
  const row = { kind: 'notice' as const, rowId, publicationId, retries: context.now() < expiresAt };
  const { retryAt } = await recordFailedRow(context, 'send-notice', row, error);
  if (retryAt === null) return skippedResult('not-composed');
  return queuedResult(retryAt < expiresAt ? retryAt : expiresAt);
}

/** @throws before anything is sent where it cannot be decided whether the recipient is still to have it */
async function handOver(
  context: WorkerContext,
  notice: Notice,
  { publication, to, hashes, route, message }: PreparedNotice,
): Promise<NoticeAttempt> {
  const [addressHash] = hashes;
  const { now, clock } = context;
  let skipReason: SkipReason | undefined;
  let fault: { error: unknown } | undefined;
  const outcome = await route.send(domainOf(to), {
    urgent: true,
    message: async () => {
      try {
        skipReason = await findLateSkipReason(context, { notice, publication, hashes });
      } catch (error) {
        fault = { error };
      }
      return skipReason === undefined && fault === undefined ? message : undefined;
    },
    beforeFinalDot: () => mayNoticeDotGo(context, notice, addressHash),
  } satisfies SendRequest);
  if (fault !== undefined) throw fault.error;
  if (skipReason !== undefined) return { result: skippedResult(skipReason) };
  const row = {
    deferrals: notice.deferrals,
    // By a wrong clock nothing is given up.
    expiresAt: clock.isTrusted() ? notice.expiresAt : NEVER,
    domain: domainOf(to),
  };
  const result = toAttemptResult(outcome, row, now(), Math.random());
  if (result.bouncedDomain === undefined || result.isUnconfirmedBounce === true) return { result };
  return { result, bounce: { addressHash, transportId: route.transportId, domain: result.bouncedDomain } };
}

function computeNextDueAt(result: AttemptResult, mailer: Context['mailer'], now: Date): Date | null {
  if (result.state === 'queued') return result.nextAttemptAt ?? retrySoonAt(now);
  if (result.state === 'uncertain') return noticeResendAt(mailer, now);
  return result.nextAttemptAt;
}
