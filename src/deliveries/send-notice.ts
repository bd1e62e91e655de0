import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { domainOf } from '../platform/mail/address.js';
import { wireContent } from '../platform/mail/message.js';
import { noticeSender, type Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import { loadSigner } from '../transports/load-signer.js';
import { isSuppressed } from '../subscribers/reads.js';
import { composeNotice } from './compose-notice.js';
import {
  afterBreather,
  endingOf,
  resendsNotices,
  skipped,
  UNCERTAIN_WAIT_MS,
  type Ending,
} from './delivery.js';
import {
  claimDoubtfulNotice,
  claimNotice,
  markNoticeIntent,
  recordNoticeEnding,
  renewNotice,
  restDoubtfulNotice,
} from './notice-writes.js';
import { addressNotice, whyNobody, whyUnwanted } from './notice-recipient.js';
import { mayBeRepaired } from './own-notice.js';
import type { Notice } from './notice-reads.js';
import { leaseUntil, whileRenewing } from './renewing.js';
import type { Sending } from './sending.js';

/** Sends one notice if it is due and nobody else is at it; a second run finds it taken or done. */
export async function sendNotice(context: Sending, noticeId: string): Promise<void> {
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
  { now, mailer }: Pick<Context, 'now' | 'mailer'>,
  noticeId: string,
): Promise<Notice | undefined> {
  const fresh = await claimNotice(tx, noticeId, leaseUntil(now()), now());
  if (fresh !== undefined || !resendsNotices(mailer)) return fresh;
  const doubtful = await claimDoubtfulNotice(tx, noticeId, leaseUntil(now()), now());
  if (doubtful === undefined) await restDoubtfulNotice(tx, noticeId, now());
  return doubtful;
}

async function attempt(context: Sending, notice: Notice): Promise<Ending> {
  const { db, now, hashAddress, ways } = context;
  const addressed = await addressNotice(db, notice);
  const publication = await findPublication(db, notice.publicationId);
  if (addressed === undefined || publication === undefined) return skipped(whyNobody(notice));
  const { to } = addressed;
  const addressHash = hashAddress(to.emailKey);
  const way = await ways.forNotice();
  const { address: sender } = noticeSender(publication);
  const signer = way.rewrites ? undefined : await loadSigner(context, domainOf(sender));
  const raw = await composeNotice(context, { addressed, publication }, signer?.sign);
  if (raw === undefined) return skipped('over');
  const envelope = { from: sender, to: to.email };
  const content = wireContent(raw);
  let unwanted: string | undefined;
  const message = async () => {
    unwanted = await reasonToSkip(context, { notice, publication, addressHash });
    return unwanted === undefined ? { envelope, content } : undefined;
  };
  const beforeDot = async () =>
    (await db.transaction((tx) => markNoticeIntent(tx, notice, addressHash, now()))) > 0;
  const outcome = await way.send(domainOf(to.email), { message, beforeDot, urgent: true });
  return unwanted === undefined
    ? endingOf(outcome, { deferrals: notice.attempt - 1, expiresAt: notice.expiresAt }, now(), Math.random())
    : skipped(unwanted);
}

/** Looked at again just before sending. */
async function reasonToSkip(
  { db, now }: Pick<Context, 'db' | 'now'>,
  parts: { notice: Notice; publication: Publication; addressHash: Buffer },
): Promise<string | undefined> {
  const { notice, publication, addressHash } = parts;
  const addressed = await addressNotice(db, notice);
  if (addressed === undefined) return whyNobody(notice);
  if (publication.archivedAt !== null) return 'archived';
  if (notice.expiresAt <= now()) return 'expired';
  if (notice.kind !== 'repair' && (await isSuppressed(db, publication.id, addressHash))) return 'suppressed';
  if (notice.kind === 'repair' && !(await mayBeRepaired(db, publication.id, addressHash))) return 'over';
  return whyUnwanted(db, addressed, now());
}

function nextDue(ending: Ending, mailer: Context['mailer'], now: Date): Date | null {
  if (ending.state === 'queued') return ending.nextAttemptAt ?? afterBreather(now);
  if (ending.state === 'uncertain' && resendsNotices(mailer))
    return new Date(now.getTime() + UNCERTAIN_WAIT_MS);
  return ending.nextAttemptAt;
}
