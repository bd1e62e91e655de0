import { decodeBase32, encodeBase32 } from '../platform/crypto/base32.js';
import type { Context } from '../platform/context.js';

const PREFIX = 'unsubscribe-';

/**
 * What stands before the @ of the address that unsubscribes a reader by mail, beside the https address of List-Unsubscribe (RFC 2369
 * section 3.2): her unsubscribe token, in base32 because servers fold local parts to lower or upper case. 52 characters of the 64
 * that RFC 5321 section 4.5.3.1.1 allows.
 * @param token that of her unsubscribe link
 */
export function unsubscribeMailbox(token: string): string {
  return PREFIX + encodeBase32(Buffer.from(token, 'base64url'));
}

/** The number of the subscription that mail to it ends. Undefined: it is none of ours. */
export function verifyUnsubscribeMailbox(
  { links, now }: Pick<Context, 'links' | 'now'>,
  localPart: string,
): number | undefined {
  const text = localPart.toLowerCase();
  const bytes = text.startsWith(PREFIX) ? decodeBase32(text.slice(PREFIX.length)) : undefined;
  if (bytes === undefined) return undefined;
  const verified = links.verifyShort('unsubscribe', bytes.toString('base64url'), now());
  return verified.kind === 'valid' ? verified.subject : undefined;
}
