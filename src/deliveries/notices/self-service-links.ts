import { randomUUID } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { hashMailbox } from '../../subscribers/mail-cap/mailbox.js';
import type { CappedKind } from '../../subscribers/mail-cap/mail-cap.js';
import { reserveMail } from '../../subscribers/mail-cap/reserve-mail.js';
import { addressHashes } from '../../subscribers/suppression/address-hashes.js';
import { isSuppressed } from '../../subscribers/suppression/reads.js';
import { findBounceOrComplaint } from '../../subscribers/suppression/lift-suppression.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { enqueueNotice } from './enqueue-notice.js';
import { lockReader } from './lock-reader.js';
import type { SelfServiceKind } from './notice.js';
import { noticeLifetimeMs } from './self-service-notice.js';

/**
 * Enqueues a one-hour settings link for a reader who has a settings link already: that one may have been forwarded.
 * @returns `later`: she has had enough for today, or has nothing to set; `stopped`: her address is suppressed
 */
export function enqueueOneHourManageLink(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<'mailed' | 'later' | 'stopped'> {
  return db.transaction(async (tx) => {
    const reader = await lockReader(tx, subscriptionId, hashAddress);
    if (reader === undefined || reader.status === 'pending') return 'later';
    if (await isSuppressed(tx, reader.publicationId, addressHashes(hashAddress, reader.emailKey)))
      return 'stopped';
    return enqueueWithinCap(
      tx,
      { noticeKind: 'manage-link', capped: 'own-link', reader },
      hashAddress,
      now(),
    );
  });
}

/** Asks at a suppressed address whether mail may come again. The suppression does not stop this mail, the mail caps do. */
export function enqueueRepairNotice(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<'mailed' | 'later'> {
  return db.transaction(async (tx) => {
    const reader = await lockReader(tx, subscriptionId, hashAddress);
    if (reader === undefined) return 'later';
    const stopped = await findBounceOrComplaint(
      tx,
      reader.publicationId,
      addressHashes(hashAddress, reader.emailKey),
    );
    if (stopped === undefined) return 'later';
    return enqueueWithinCap(tx, { noticeKind: 'repair', capped: 'unclicked', reader }, hashAddress, now());
  });
}

async function enqueueWithinCap(
  tx: Tx,
  { noticeKind, capped, reader }: { noticeKind: SelfServiceKind; capped: CappedKind; reader: Subscription },
  hashAddress: Context['hashAddress'],
  now: Date,
): Promise<'mailed' | 'later'> {
  const mailboxHash = hashMailbox(hashAddress, reader.emailKey);
  const counted = { publicationId: reader.publicationId, kind: capped };
  if ((await reserveMail(tx, mailboxHash, counted, now)) === 'capped') return 'later';
  await enqueueSelfServiceNotice(tx, { kind: noticeKind, causeId: randomUUID(), reader }, now);
  return 'mailed';
}

/** A mail that a reader asked for on her pages. */
export async function enqueueSelfServiceNotice(
  tx: Tx,
  { kind, causeId, reader }: { kind: SelfServiceKind; causeId: string; reader: Subscription },
  now: Date,
): Promise<void> {
  const { publicationId, id: subscriptionId } = reader;
  const expiresAt = new Date(now.getTime() + noticeLifetimeMs(kind));
  await enqueueNotice(tx, { kind, causeId, publicationId, subscriptionId, expiresAt }, now);
}
