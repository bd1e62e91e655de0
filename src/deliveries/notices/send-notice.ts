import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { domainOf } from '../../platform/mail/address.js';
import { toWireContent } from '../../platform/mail/message.js';
import { noticeSender, type Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import { isSuppressed } from '../../subscribers/reads.js';
import { composeNotice } from './compose-notice.js';
import {
  retrySoon,
  toAttemptResult,
  shouldResendNotices,
  skippedResult,
  UNCERTAIN_WAIT_MS,
  type AttemptResult,
} from '../delivery.js';
import {
  claimUncertainNotice,
  claimNotice,
  recordNoticeIntent,
  recordNoticeResult,
  renewNotice,
  stopResendingNotice,
} from './writes.js';
import { findRecipient, missingRecipientReason, noticeSkipReason } from './recipient.js';
import { maySendRepair } from './self-service-notice.js';
import type { Notice } from './reads.js';
import { leaseExpiry, withLeaseRenewal } from '../batches/lease-renewal.js';
import type { WorkerContext } from '../send/worker-context.js';

/** Sends one notice if it is due and nobody else is at it; a second run finds it taken or done. */
export async function sendNotice(context: WorkerContext, noticeId: string): Promise<void> {
  const { db, now, log, mailer } = context;
  const notice = await db.transaction((tx) => claimDueNotice(tx, context, noticeId));
  if (notice === undefined) return;
  const renew = () => db.transaction((tx) => renewNotice(tx, notice, leaseExpiry(now())));
  const onTrouble = (error: unknown) => log.warn({ event: 'notice.lease-not-renewed', noticeId, err: error });
  const ending = await withLeaseRenewal(renew, onTrouble, () => sendAttempt(context, notice));
  const dueAt = computeNextDueAt(ending, mailer, now());
  await db.transaction((tx) => recordNoticeResult(tx, notice, ending, dueAt, now()));
  log.info({ event: `notice.${ending.state}`, noticeId, kind: notice.kind, attempt: notice.attempt });
}

/** Fresh or deferred, else in doubt and to be sent again, else at rest: an operator decides. */
async function claimDueNotice(
  tx: Tx,
  { now, mailer }: Pick<Context, 'now' | 'mailer'>,
  noticeId: string,
): Promise<Notice | undefined> {
  const fresh = await claimNotice(tx, noticeId, leaseExpiry(now()), now());
  if (fresh !== undefined || !shouldResendNotices(mailer)) return fresh;
  const doubtful = await claimUncertainNotice(tx, noticeId, leaseExpiry(now()), now());
  if (doubtful === undefined) await stopResendingNotice(tx, noticeId, now());
  return doubtful;
}

async function sendAttempt(context: WorkerContext, notice: Notice): Promise<AttemptResult> {
  const { db, now, hashAddress, router } = context;
  const addressed = await findRecipient(db, notice);
  const publication = await findPublication(db, notice.publicationId);
  if (addressed === undefined || publication === undefined)
    return skippedResult(missingRecipientReason(notice));
  const { to } = addressed;
  const addressHash = hashAddress(to.emailKey);
  const way = await router.routeForNotice();
  const { address: sender } = noticeSender(publication);
  const signer = way.rewrites ? undefined : await loadSigner(context, domainOf(sender));
  const raw = await composeNotice(context, { addressed, publication }, signer?.sign);
  if (raw === undefined) return skippedResult('over');
  const envelope = { from: sender, to: to.email };
  const content = toWireContent(raw);
  let unwanted: string | undefined;
  const message = async () => {
    unwanted = await finalSkipReason(context, { notice, publication, addressHash });
    return unwanted === undefined ? { envelope, content } : undefined;
  };
  const beforeFinalDot = async () =>
    (await db.transaction((tx) => recordNoticeIntent(tx, notice, addressHash, now()))) > 0;
  const outcome = await way.send(domainOf(to.email), { message, beforeFinalDot, urgent: true });
  return unwanted === undefined
    ? toAttemptResult(
        outcome,
        { deferrals: notice.attempt - 1, expiresAt: notice.expiresAt },
        now(),
        Math.random(),
      )
    : skippedResult(unwanted);
}

/** Looked at again just before sending. */
async function finalSkipReason(
  { db, now }: Pick<Context, 'db' | 'now'>,
  parts: { notice: Notice; publication: Publication; addressHash: Buffer },
): Promise<string | undefined> {
  const { notice, publication, addressHash } = parts;
  const addressed = await findRecipient(db, notice);
  if (addressed === undefined) return missingRecipientReason(notice);
  if (publication.archivedAt !== null) return 'archived';
  if (notice.expiresAt <= now()) return 'expired';
  if (notice.kind !== 'repair' && (await isSuppressed(db, publication.id, addressHash))) return 'suppressed';
  if (notice.kind === 'repair' && !(await maySendRepair(db, publication.id, addressHash))) return 'over';
  return noticeSkipReason(db, addressed, now());
}

function computeNextDueAt(ending: AttemptResult, mailer: Context['mailer'], now: Date): Date | null {
  if (ending.state === 'queued') return ending.nextAttemptAt ?? retrySoon(now);
  if (ending.state === 'uncertain' && shouldResendNotices(mailer))
    return new Date(now.getTime() + UNCERTAIN_WAIT_MS);
  return ending.nextAttemptAt;
}
