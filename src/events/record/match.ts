import type { Context } from '../../platform/context.js';
import { RETURN_PATH_LIFETIME_MS } from '../../platform/crypto/return-path.js';
import { DAY_MS } from '../../platform/durations.js';
import type { IncomingEvent } from '../event.js';
import type { EventMatch } from '../names.js';
import type { FoundMail } from './find-mails.js';
import type { NamedEvent } from './named-event.js';

/** Readers mark as spam what they open weeks later. */
const COMPLAINT_LIFETIME_MS = 30 * DAY_MS;

/**
 * Whether an event counts for the mail that was found. Whoever was forwarded a mail has its headers, so what comes by mail counts
 * only for a time, and a bounce has to name the recipient. A complaint need not: providers take addresses out of it (RFC 5965
 * section 2), and the signed id that only the mail has names her.
 */
export function matchEvent(
  { hashAddress }: Pick<Context, 'hashAddress'>,
  { event, recipientKey }: NamedEvent,
  found: FoundMail | undefined,
  now: Date,
): EventMatch {
  if (found === undefined) return 'unknown';
  const { mail, isOver } = found;
  if (!event.isAuthenticated && (isOver || now.getTime() - mail.sentAt.getTime() > lifetimeOf(event)))
    return 'too-late';
  const recipient = recipientMatch({ hashAddress }, recipientKey, mail.addressHash);
  if (recipient === 'other' || mail.addressHash === null) return 'other-recipient';
  if (recipient === 'absent' && !namesReaderBySignature(event)) return 'no-recipient';
  return 'noticeId' in mail ? 'notice' : 'delivery';
}

function namesReaderBySignature({ class: kind }: IncomingEvent): boolean {
  return kind === 'complaint' || kind === 'unsubscribe';
}

function lifetimeOf({ class: kind }: IncomingEvent): number {
  return kind === 'complaint' || kind === 'unsubscribe' ? COMPLAINT_LIFETIME_MS : RETURN_PATH_LIFETIME_MS;
}

function recipientMatch(
  { hashAddress }: Pick<Context, 'hashAddress'>,
  recipientKey: string | undefined,
  addressHash: Buffer | null,
): 'same' | 'other' | 'absent' {
  if (recipientKey === undefined) return 'absent';
  return addressHash?.equals(hashAddress(recipientKey)) === true ? 'same' : 'other';
}
