import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import { domainOf } from '../../platform/mail/address.js';

/** One service under two names (https://support.google.com/mail/answer/10313). */
const GMAIL_DOMAINS: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com']);

/**
 * The address of the mailbox that an address is a spelling of, for the caps of mails: without a plus tag (RFC 5233), and at
 * Gmail without dots (https://support.google.com/mail/answer/7436150). Nobody is mailed at it, and it is no key of a
 * subscriber: each spelling may subscribe by itself.
 * @param emailKey as `Address.key`
 */
export function mailboxOf(emailKey: string): string {
  const domain = domainOf(emailKey);
  const local = emailKey.slice(0, -domain.length - 1);
  const untagged = local.replace(/(?<=.)\+.*$/, '');
  if (!GMAIL_DOMAINS.has(domain)) return `${untagged}@${domain}`;
  return `${untagged.replaceAll('.', '')}@gmail.com`;
}

/** By which the caps know a mailbox. Suppressions know an address by its own hash. */
export function hashMailbox(hashAddress: AddressHasher, emailKey: string): Buffer {
  return hashAddress(mailboxOf(emailKey));
}
