import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { noticeSender, type Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import { findSubscription, isSuppressed } from '../subscribers/reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { composeNotice } from './compose-notice.js';
import { afterBreather, endingOf, skipped, UNCERTAIN_WAIT_MS, type Ending } from './delivery.js';
import {
  claimDoubtfulNotice,
  claimNotice,
  markNoticeIntent,
  recordNoticeEnding,
  renewNotice,
  restDoubtfulNotice,
} from './notice-writes.js';
import type { Notice } from './reads.js';
import { leaseUntil, whileRenewing } from './renewing.js';

type SendContext = Omit<Context, 'fetchPage'>;

/** Sends one notice if it is due and nobody else is at it; a second run finds it taken or done. */
export async function sendNotice(context: SendContext, noticeId: string): Promise<void> {
  const { db, now, log, mailer } = context;
  const notice = await db.transaction((tx) => claim(tx, context, noticeId));
  if (notice === undefined) return;
  const renew = () => db.transaction((tx) => renewNotice(tx, notice, leaseUntil(now())));
  const onTrouble = (error: unknown) => log.warn({ event: 'notice.lease-not-renewed', noticeId, err: error });
  const ending = await whileRenewing(renew, onTrouble, () => attempt(context, notice));
  const dueAt = nextDue(ending, mailer, now());
  await db.transaction((tx) => recordNoticeEnding(tx, notice, ending, dueAt, now()));
  log.info({ event: `notice.${ending.state}`, noticeId, kind: notice.kind, attempt: notice.attempt });
}

/** Fresh or deferred, else in doubt and to be sent again, else at rest: an operator decides. */
async function claim(
  tx: Tx,
  { now, mailer }: Pick<SendContext, 'now' | 'mailer'>,
  noticeId: string,
): Promise<Notice | undefined> {
  const fresh = await claimNotice(tx, noticeId, leaseUntil(now()), now());
  if (fresh !== undefined || mailer.policy === 'hold') return fresh;
  const doubtful = await claimDoubtfulNotice(tx, noticeId, leaseUntil(now()), now());
  if (doubtful === undefined) await restDoubtfulNotice(tx, noticeId, now());
  return doubtful;
}

async function attempt(context: SendContext, notice: Notice): Promise<Ending> {
  const { db, now, hashAddress, mailer } = context;
  const reader = await findSubscription(db, notice.subscriptionId);
  const publication = await findPublication(db, notice.publicationId);
  if (reader === undefined || publication === undefined) return skipped('erased');
  const addressHash = hashAddress(reader.emailKey);
  const unwanted = await reasonToSkip(context, { notice, reader, publication, addressHash });
  if (unwanted !== undefined) return skipped(unwanted);
  const raw = await composeNotice(context, { notice, publication, reader });
  const envelope = { from: noticeSender(publication).address, to: reader.email };
  const beforeDot = async () =>
    (await db.transaction((tx) => markNoticeIntent(tx, notice, addressHash, now()))) > 0;
  const outcome = await mailer.send({ envelope, raw }, { beforeDot });
  return endingOf(outcome, notice, now(), Math.random());
}

/** Looked at again just before sending: between the promise and now she may have left, or clicked another link. */
async function reasonToSkip(
  { db, now }: SendContext,
  parts: { notice: Notice; reader: Subscription; publication: Publication; addressHash: Buffer },
): Promise<string | undefined> {
  const { notice, reader, publication, addressHash } = parts;
  if (publication.archivedAt !== null) return 'archived';
  if (notice.expiresAt <= now()) return 'expired';
  if (await isSuppressed(db, publication.id, addressHash)) return 'suppressed';
  const confirmed = reader.status === 'confirmed' || reader.status === 'paused';
  if (notice.kind === 'confirmation') return confirmed ? 'confirmed meanwhile' : undefined;
  return confirmed ? undefined : reader.status;
}

function nextDue(ending: Ending, mailer: Context['mailer'], now: Date): Date | null {
  if (ending.state === 'queued') return afterBreather(now);
  if (ending.state === 'uncertain' && mailer.policy === 'resend')
    return new Date(now.getTime() + UNCERTAIN_WAIT_MS);
  return ending.nextAttemptAt;
}
