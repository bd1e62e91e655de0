import { isPast } from '../../platform/clock/is-past.js';
import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import { domainOf, isMailable } from '../../platform/mail/address.js';
import { toWireContent, type Message } from '../../platform/mail/message.js';
import { noticeFrom } from '../../publications/from-header.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication, listPublications } from '../../publications/reads.js';
import { addressHashes, type AddressHashes } from '../../subscribers/suppression/address-hashes.js';
import { isOnlyBounced } from '../../subscribers/suppression/lift-suppression.js';
import { isSuppressed } from '../../subscribers/suppression/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import type { NoticeRoute } from '../send/server-router.js';
import type { WorkerContext } from '../send/worker-context.js';
import { returnPathFor } from '../return-path.js';
import type { SkipReason } from '../skip-reason.js';
import { composeNotice } from './compose-notice.js';
import { isForOperators, type Notice } from './notice.js';
import {
  findRecipient,
  missingRecipientReason,
  noticeSkipReason,
  type AddressedNotice,
} from './recipient.js';
import { maySendRepair } from './self-service-notice.js';

/** A notice that is ready for its server. */
export type PreparedNotice = {
  publication: Publication;
  /** An address. */
  to: string;
  hashes: AddressHashes;
  route: NoticeRoute;
  message: Message;
};

/** Finds whom a notice is for, and composes it, unless no mail server lets us in. */
export async function prepareNotice(
  context: WorkerContext,
  notice: Notice,
): Promise<PreparedNotice | { skipReason: SkipReason } | { until: Date; reason: string }> {
  const { db, hashAddress, router } = context;
  const addressed = await findRecipient(db, notice, context.now());
  const publication = await findSender(db, notice);
  if (addressed === undefined || publication === undefined)
    return { skipReason: missingRecipientReason(notice) };
  const { to } = addressed;
  if (!isMailable(to.email)) throw new Error('The recipient has no address that mail can be written to.');
  const choice = await router.routeForNotice(to.email);
  if (choice.kind === 'wait') return { until: choice.until, reason: choice.reason };
  const { route } = choice;
  const message = await buildMessage(context, { addressed, publication }, route);
  if (message === undefined) return { skipReason: 'over' };
  return { publication, to: to.email, hashes: addressHashes(hashAddress, to.emailKey), route, message };
}

/**
 * The publication in whose name a notice is sent. One to operators may be about the address of its own, that mail cannot be
 * sent from: then it has the sender of another, where there is one.
 */
async function findSender(db: Context['db'], notice: Notice): Promise<Publication | undefined> {
  const own = await findPublication(db, notice.publicationId);
  if (own === undefined || !isForOperators(notice) || isMailable(noticeFrom(own).address)) return own;
  const other = (await listPublications(db)).find((one) => isMailable(noticeFrom(one).address));
  if (other === undefined) return own;
  const { fromName, fromAddress, noticeAddress } = other;
  return { ...own, fromName, fromAddress, noticeAddress };
}

/** Undefined: what it would tell is over. */
async function buildMessage(
  context: WorkerContext,
  { addressed, publication }: { addressed: AddressedNotice; publication: Publication },
  { rewrites, transportId }: Pick<NoticeRoute, 'rewrites' | 'transportId'>,
): Promise<Message | undefined> {
  const { address: from } = noticeFrom(publication);
  const signer = rewrites ? undefined : await loadSigner(context, domainOf(from));
  const raw = await composeNotice(context, { addressed, publication, transportId }, signer?.sign);
  const { notice, to } = addressed;
  return (
    raw && {
      envelope: { from: noticeReturnPath(context, notice, from), to: to.email },
      content: toWireContent(raw),
    }
  );
}

function noticeReturnPath(context: WorkerContext, notice: Notice, from: string): string {
  // The null reverse-path: nothing comes back of what came back.
  if (notice.kind === 'forward') return '';
  return isForOperators(notice)
    ? from
    : returnPathFor(context, { kind: 'notice', noticeId: notice.id }, from);
}

/** Checked when a connection is free: between claim and sending its recipient may have left, or been suppressed. */
export async function findLateSkipReason(
  context: Pick<Context, 'db' | 'now' | 'clock'>,
  { notice, publication, hashes }: { notice: Notice; publication: Publication; hashes: AddressHashes },
): Promise<SkipReason | undefined> {
  const { db, now } = context;
  const addressed = await findRecipient(db, notice, now());
  if (addressed === undefined) return missingRecipientReason(notice);
  if (publication.archivedAt !== null) return 'archived';
  if (isPast(notice.expiresAt, context)) return 'expired';
  if (notice.kind !== 'repair' && (await isStoppedFor(notice, db, publication.id, hashes)))
    return 'suppressed';
  if (notice.kind === 'repair' && !(await maySendRepair(db, publication.id, hashes))) return 'over';
  return noticeSkipReason(db, addressed, now());
}

/** Who signs up again after a bounce gets one mail to try: its link lifts the suppression. */
async function isStoppedFor(
  { kind }: Notice,
  db: Db,
  publicationId: string,
  hashes: AddressHashes,
): Promise<boolean> {
  // Without these nobody could be let in again, or know of a stranger who was.
  if (kind === 'operator-recovery' || kind === 'operator-change') return false;
  if (!(await isSuppressed(db, publicationId, hashes))) return false;
  return kind !== 'confirmation' || !(await isOnlyBounced(db, publicationId, hashes));
}
