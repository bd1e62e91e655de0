import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { domainOf } from '../../platform/mail/address.js';
import { toWireContent, type SendRequest } from '../../platform/mail/message.js';
import { noticeFrom } from '../../publications/from-header.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { isOnlyBounced } from '../../subscribers/suppression/lift-suppression.js';
import { isSuppressed } from '../../subscribers/suppression/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import { NEVER, retrySoonAt, skippedResult, toAttemptResult, type AttemptResult } from '../attempt-result.js';
import { leaseExpiry, withLeaseRenewal } from '../batches/lease-renewal.js';
import type { WorkerContext } from '../send/worker-context.js';
import { suppressUnlessStorm, type Bounce } from '../record-attempts.js';
import type { SkipReason } from '../skip-reason.js';
import { composeNotice } from './compose-notice.js';
import { mayNoticeDotGo } from './final-dot-gate.js';
import type { Notice } from './notice.js';
import {
  findRecipient,
  missingRecipientReason,
  noticeSkipReason,
  type AddressedNotice,
} from './recipient.js';
import { noticeResendAt, shouldResendNotices } from './resend-policy.js';
import { maySendRepair } from './self-service-notice.js';
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
    // An operator's address is not suppressed: every alert to her is tried.
    if (recorded > 0 && bounce !== undefined && notice.kind !== 'alert')
      await suppressUnlessStorm(tx, [bounce], now());
  });
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
  const { db, now, hashAddress, router, clock } = context;
  const addressed = await findRecipient(db, notice);
  const publication = await findPublication(db, notice.publicationId);
  if (addressed === undefined || publication === undefined)
    return { result: skippedResult(missingRecipientReason(notice)) };
  const { to } = addressed;
  const addressHash = hashAddress(to.emailKey);
  const route = await router.routeForNotice();
  const message = await buildMessage(context, { addressed, publication }, route);
  if (message === undefined) return { result: skippedResult('over') };
  let skipReason: SkipReason | undefined;
  const outcome = await route.send(domainOf(to.email), {
    urgent: true,
    message: async () => {
      skipReason = await finalSkipReason(context, { notice, publication, addressHash });
      return skipReason === undefined ? message : undefined;
    },
    beforeFinalDot: () => mayNoticeDotGo(context, notice, addressHash),
  } satisfies SendRequest);
  if (skipReason !== undefined) return { result: skippedResult(skipReason) };
  const row = {
    deferrals: notice.attempt - 1,
    // By a wrong clock nothing is given up.
    expiresAt: clock.isTrusted() ? notice.expiresAt : NEVER,
    domain: domainOf(to.email),
  };
  const result = toAttemptResult(outcome, row, now(), Math.random());
  if (result.bouncedDomain === undefined) return { result };
  return { result, bounce: { addressHash, transportId: route.transportId, domain: result.bouncedDomain } };
}

/** Undefined: what it would tell is over. */
async function buildMessage(
  context: WorkerContext,
  { addressed, publication }: { addressed: AddressedNotice; publication: Publication },
  { rewrites }: { rewrites: boolean },
) {
  const { address: from } = noticeFrom(publication);
  const signer = rewrites ? undefined : await loadSigner(context, domainOf(from));
  const raw = await composeNotice(context, { addressed, publication }, signer?.sign);
  return raw && { envelope: { from, to: addressed.to.email }, content: toWireContent(raw) };
}

/** Checked when a connection is free: between claim and sending its recipient may have left, or been suppressed. */
async function finalSkipReason(
  { db, now, clock }: Pick<Context, 'db' | 'now' | 'clock'>,
  parts: { notice: Notice; publication: Publication; addressHash: Buffer },
): Promise<SkipReason | undefined> {
  const { notice, publication, addressHash } = parts;
  const addressed = await findRecipient(db, notice);
  if (addressed === undefined) return missingRecipientReason(notice);
  if (publication.archivedAt !== null) return 'archived';
  if (notice.expiresAt <= now() && clock.isTrusted()) return 'expired';
  if (notice.kind !== 'repair' && (await isStoppedFor(notice, db, publication.id, addressHash)))
    return 'suppressed';
  if (notice.kind === 'repair' && !(await maySendRepair(db, publication.id, addressHash))) return 'over';
  return noticeSkipReason(db, addressed, now());
}

/** Who signs up again after a bounce gets one mail to try: its link lifts the suppression. */
async function isStoppedFor(
  { kind }: Notice,
  db: Db,
  publicationId: string,
  addressHash: Buffer,
): Promise<boolean> {
  if (!(await isSuppressed(db, publicationId, addressHash))) return false;
  return kind !== 'confirmation' || !(await isOnlyBounced(db, publicationId, addressHash));
}

function computeNextDueAt(result: AttemptResult, mailer: Context['mailer'], now: Date): Date | null {
  if (result.state === 'queued') return result.nextAttemptAt ?? retrySoonAt(now);
  if (result.state === 'uncertain') return noticeResendAt(mailer, now);
  return result.nextAttemptAt;
}
