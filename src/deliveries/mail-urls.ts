import { senderDomain } from '../digests/compose/list-headers.js';
import type { Context } from '../platform/context.js';
import type { Links } from '../platform/crypto/signed-links.js';
import type { Publication } from '../publications/publication.js';
import type { AddressChange } from '../subscribers/address-change/address-change.js';
import { unsubscribeMailbox } from './unsubscribe-mailbox.js';
import type { Subscription } from '../subscribers/subscription.js';

type UrlContext = Pick<Context, 'links' | 'publicUrl'>;

/** Whom links are for. */
type LinkedReader = Pick<Subscription, 'number' | 'publicationNumber'>;

/** Never expires, and does not change with the subscription's generation. */
export function unsubscribeUrl(
  { links, publicUrl }: UrlContext,
  reader: LinkedReader,
  keyId?: string,
): string {
  return `${publicUrl}/unsubscribe/${unsubscribeToken({ links }, reader, keyId)}`;
}

/** How a digest is unsubscribed from: by its link, and by a mail to the address with this before its @. */
export function unsubscribeValues(
  { links, publicUrl }: UrlContext,
  reader: LinkedReader,
  keyId?: string,
): { unsubscribeUrl: string; unsubscribeMailbox: string } {
  const token = unsubscribeToken({ links }, reader, keyId);
  return {
    unsubscribeUrl: `${publicUrl}/unsubscribe/${token}`,
    unsubscribeMailbox: unsubscribeMailbox(token),
  };
}

export function unsubscribeToken(
  { links }: Pick<Context, 'links'>,
  { publicationNumber: scope, number: subject }: LinkedReader,
  keyId?: string,
): string {
  return links.signShort('unsubscribe', { scope, subject }, keyId);
}

/** Never expires; raising the subscription's generation revokes it. */
export function manageUrl(
  { links, publicUrl }: UrlContext,
  { publicationNumber: scope, number: subject, generation }: LinkedReader & Pick<Subscription, 'generation'>,
  keyId?: string,
): string {
  return `${publicUrl}/manage/${links.signShort('manage', { scope, subject, generation }, keyId)}`;
}

/** For an hour it also opens what only the reader may see; after that it is a settings link like any other. */
export function oneHourManageUrl(
  { links, publicUrl }: UrlContext,
  { publicationNumber: scope, number: subject, generation }: Subscription,
  expiresAt: Date,
): string {
  return `${publicUrl}/manage/${links.signShort('manage-own', { scope, subject, generation, expiresAt })}`;
}

/** Lifts the suppression of her address. */
export function repairUrl(
  { links, publicUrl }: UrlContext,
  { publicationNumber: scope, number: subject, generation }: Subscription,
  expiresAt: Date,
): string {
  return `${publicUrl}/manage/${links.signShort('repair', { scope, subject, generation, expiresAt })}`;
}

/** Confirms a change of address, or cancels it. */
export function addressUrl(
  { links, publicUrl }: UrlContext,
  word: 'confirm' | 'cancel',
  { number: subject, expiresAt }: Pick<AddressChange, 'number'> & { expiresAt: Date },
  { number: scope }: Pick<Publication, 'number'>,
): string {
  return `${publicUrl}/manage/${links.signShort(`address-${word}`, { scope, subject, expiresAt })}`;
}

export function confirmUrl(
  { links, publicUrl }: UrlContext,
  { publicationNumber: scope, number: subject, generation }: Subscription,
  expiresAt: Date,
): string {
  return `${publicUrl}/confirm/${links.signShort('confirm', { scope, subject, generation, expiresAt })}`;
}

export function neverUrl(
  { links, publicUrl }: UrlContext,
  { publicationNumber: scope, number: subject }: LinkedReader,
): string {
  return `${publicUrl}/never/${links.signShort('never', { scope, subject })}`;
}

/**
 * A Message-ID (RFC 5322 section 3.6.4). Every attempt has the same one, it names no address, and it is signed, so that it can
 * be trusted when it comes back in a bounce.
 */
export function messageId(
  links: Links,
  publication: Publication,
  claims: { scope: string; subject: string },
  keyId?: string,
): string {
  return `<${links.sign('message', claims, keyId)}@${senderDomain(publication)}>`;
}
