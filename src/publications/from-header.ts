import { toSafeLine } from '../platform/text/safe-text.js';
import type { Publication } from './publication.js';

/** The From of a mail (RFC 5322, section 3.6.2). */
export type Sender = { name: string; address: string };

/** Whom digests come from. */
export function digestFrom({ fromName, fromAddress }: Pick<Publication, 'fromName' | 'fromAddress'>): Sender {
  return { name: toSafeLine(fromName), address: fromAddress };
}

/**
 * Whom confirmations and other notices come from: an address of their own where the publication has one, since mail
 * providers judge the two kinds of mail apart.
 */
export function noticeFrom({
  fromName,
  fromAddress,
  noticeAddress,
}: Pick<Publication, 'fromName' | 'fromAddress' | 'noticeAddress'>): Sender {
  return { name: toSafeLine(fromName), address: noticeAddress ?? fromAddress };
}
