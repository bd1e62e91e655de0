import { randomUUID } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { findPublication } from '../../publications/reads.js';
import { decideLinkRequest } from '../../subscribers/preferences/link-request.js';
import { reserveMail } from '../../subscribers/mail-cap/reserve-mail.js';
import { lockAddress } from '../../subscribers/mail-cap/reads.js';
import { findSubscription, lockSubscription } from '../../subscribers/reads.js';
import { isSuppressed } from '../../subscribers/suppression/reads.js';
import { findBounceOrComplaint } from '../../subscribers/suppression/lift-suppression.js';
import { isTombstone, type Subscription } from '../../subscribers/subscription.js';
import { enqueueNotice } from './enqueue-notice.js';
import type { SelfServiceKind } from './notice.js';
import { countNoticesSince } from './reads.js';
import { noticeLifetimeMs } from './self-service-notice.js';

/** One-hour links that a reader may have mailed to herself from her settings page. */
const MAX_LINKS_PER_DAY = 3;

/** Enqueues her settings link for a reader who asked for it by her address. Whoever does not read this newsletter gets nothing. */
export function enqueueRequestedManageLink(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  requestId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const reader = await decideLinkRequest(tx, requestId, hashAddress, now());
    const publication = reader && (await findPublication(tx, reader.publicationId));
    if (reader === undefined || publication === undefined || publication.archivedAt !== null) return;
    await enqueueSelfServiceNotice(tx, { kind: 'manage-link', causeId: requestId, reader }, now());
  });
}

/**
 * Enqueues a one-hour settings link for a reader who has a settings link already: that one may have been forwarded.
 * @returns `later`: she has had enough for today, or has nothing to set; `stopped`: her address is suppressed
 */
export function enqueueOneHourManageLink(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<'mailed' | 'later' | 'stopped'> {
  return db.transaction(async (tx) => {
    const reader = await lockSubscription(tx, subscriptionId);
    if (reader === undefined || isTombstone(reader) || reader.status === 'pending') return 'later';
    if (await isSuppressed(tx, reader.publicationId, hashAddress(reader.emailKey))) return 'stopped';
    const since = new Date(now().getTime() - DAY_MS);
    if ((await countNoticesSince(tx, reader.id, 'manage-link', since)) >= MAX_LINKS_PER_DAY) return 'later';
    await enqueueSelfServiceNotice(tx, { kind: 'manage-link', causeId: randomUUID(), reader }, now());
    return 'mailed';
  });
}

/** Asks at a suppressed address whether mail may come again. The suppression does not stop this mail, the mail caps do. */
export function enqueueRepairNotice(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<'mailed' | 'later'> {
  return db.transaction(async (tx) => {
    const found = await findSubscription(tx, subscriptionId);
    if (found === undefined || isTombstone(found)) return 'later';
    const { publicationId, emailKey } = found;
    const addressHash = hashAddress(emailKey);
    await lockAddress(tx, addressHash);
    const reader = await lockSubscription(tx, subscriptionId);
    if (reader?.emailKey !== emailKey) return 'later';
    const stopped = await findBounceOrComplaint(tx, publicationId, addressHash);
    if (stopped === undefined) return 'later';
    if ((await reserveMail(tx, addressHash, publicationId, now())) === 'capped') return 'later';
    await enqueueSelfServiceNotice(tx, { kind: 'repair', causeId: randomUUID(), reader }, now());
    return 'mailed';
  });
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
