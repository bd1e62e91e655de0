import { enqueueNotice } from '../../deliveries/notices/enqueue-notice.js';
import { countNoticesSince } from '../../deliveries/notices/reads.js';
import type { Db } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { domainOf } from '../../platform/mail/address.js';
import { MAX_INBOUND_BYTES } from '../../platform/mail/inbound/inbound-mail.js';
import type { Header } from '../../platform/mail/reports/header.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { findSubscriptionByNumber } from '../../subscribers/reads.js';
import { isFromProgram } from './is-from-program.js';
import type { OurAddress } from './our-addresses.js';
import { ignored, type ReadContext, type ReadResult, type StoredMail } from './reading.js';
import { findNoticePublication } from './reads.js';

/** More in a day are not passed on: no crowd of readers answers an envelope. */
const MAX_FORWARDS_A_DAY = 100;
const LIFETIME_MS = 3 * DAY_MS;

/**
 * Passes a person's mail to a return path on to the publication's `replyTo`, once. Never what a program wrote, nor what is for none
 * of our return paths.
 */
export async function forwardToPublisher(
  context: ReadContext,
  mail: StoredMail,
  { header, own }: { header: Header; own: readonly OurAddress[] },
): Promise<ReadResult> {
  const { db, now, config } = context;
  const returnPath = own.find((one) => one.kind === 'return-path');
  if (returnPath === undefined) return ignored('not-for-us');
  if (isFromProgram(header, mail.envelopeFrom)) return ignored('automatic');
  if (mail.raw.length >= MAX_INBOUND_BYTES) return ignored('too-large');
  const publication = await findPublicationOf(db, returnPath);
  if (publication === undefined) return ignored('mail-unknown');
  const { id: publicationId, replyTo } = publication;
  if (replyTo === null || domainOf(replyTo) === config.bounceDomain) return ignored('no-reply-to');
  return db.transaction(async (tx) => {
    const since = new Date(now().getTime() - DAY_MS);
    const count = await countNoticesSince(tx, { kind: 'forward', publicationId, since });
    if (count >= MAX_FORWARDS_A_DAY) return ignored('too-many');
    const expiresAt = new Date(now().getTime() + LIFETIME_MS);
    await enqueueNotice(tx, { kind: 'forward', causeId: mail.id, publicationId, expiresAt }, now());
    return { state: 'forwarded', reason: null };
  });
}

async function findPublicationOf(
  db: Db,
  { claims }: Extract<OurAddress, { kind: 'return-path' }>,
): Promise<Publication | undefined> {
  const found =
    claims.kind === 'delivery'
      ? await findSubscriptionByNumber(db, claims.subscription)
      : await findNoticePublication(db, claims.noticeId);
  return found && findPublication(db, found.publicationId);
}
