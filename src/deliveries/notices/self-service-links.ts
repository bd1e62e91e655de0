import { randomUUID } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { findPublication } from '../../publications/reads.js';
import { decideLinkRequest } from '../../subscribers/preferences/link-request.js';
import { reserveMail, lockAddress } from '../../subscribers/reserve-mail.js';
import { findSubscription, isSuppressed, lockSubscription } from '../../subscribers/reads.js';
import { findBounceOrComplaint } from '../../subscribers/suppression/lift-suppression.js';
import { isTombstone, type Subscription } from '../../subscribers/subscription.js';
import { enqueueNotice } from './enqueue-notice.js';
import { countNoticesSince, type SelfServiceKind } from './reads.js';

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Of her one-hour links. */
const MAX_LINKS_PER_DAY = 3;

/** Answers "send me my link": by mail, to readers of this newsletter, and by nothing to anybody else. */
export function enqueueRequestedManageLink(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  requestId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const reader = await decideLinkRequest(tx, requestId, hashAddress, now());
    const publication = reader && (await findPublication(tx, reader.publicationId));
    if (reader === undefined || publication === undefined || publication.archivedAt !== null) return;
    await enqueueSelfServiceNotice(
      tx,
      { kind: 'manage-link', causeId: requestId, reader, lastsMs: HOUR_MS },
      now(),
    );
  });
}

/**
 * Mails her one-hour link to a reader who has a settings link, which may have been forwarded to somebody else.
 * @returns `stopped` when nothing at all is mailed to her address any more
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
    const causeId = randomUUID();
    await enqueueSelfServiceNotice(tx, { kind: 'manage-link', causeId, reader, lastsMs: HOUR_MS }, now());
    return 'mailed';
  });
}

/** Asks a mailbox that we stopped writing to whether mail may come again: past the ban, but not past the caps. */
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
    if (stopped?.mayLift !== true) return 'later';
    if ((await reserveMail(tx, addressHash, publicationId, now())) === 'capped') return 'later';
    await enqueueSelfServiceNotice(
      tx,
      { kind: 'repair', causeId: randomUUID(), reader, lastsMs: 3 * DAY_MS },
      now(),
    );
    return 'mailed';
  });
}

/** A notice about what she asked, and the promise to send it. */
export async function enqueueSelfServiceNotice(
  tx: Tx,
  {
    kind,
    causeId,
    reader,
    lastsMs,
  }: { kind: SelfServiceKind; causeId: string; reader: Subscription; lastsMs: number },
  now: Date,
): Promise<void> {
  const { publicationId, id: subscriptionId } = reader;
  const expiresAt = new Date(now.getTime() + lastsMs);
  await enqueueNotice(tx, { kind, causeId, publicationId, subscriptionId, expiresAt }, now);
}
