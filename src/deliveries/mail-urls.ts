import { senderDomain } from '../digests/compose/list-headers.js';
import type { Context } from '../platform/context.js';
import type { Links } from '../platform/crypto/signed-links.js';
import type { Publication } from '../publications/publication.js';
import type { Subscription } from '../subscribers/subscription.js';

type UrlContext = Pick<Context, 'links' | 'publicUrl'>;

/** Never expires, and does not change with the subscription's generation. */
export function unsubscribeUrl(
  { links, publicUrl }: UrlContext,
  reader: Pick<Subscription, 'id' | 'publicationId'>,
  keyId?: string,
): string {
  const token = links.sign('unsubscribe', { scope: reader.publicationId, subject: reader.id }, keyId);
  return `${publicUrl}/unsubscribe/${token}`;
}

/** Never expires; raising the subscription's generation revokes it. */
export function manageUrl(
  { links, publicUrl }: UrlContext,
  reader: Pick<Subscription, 'id' | 'publicationId' | 'generation'>,
  keyId?: string,
): string {
  const { publicationId: scope, id: subject, generation } = reader;
  return `${publicUrl}/manage/${links.sign('manage', { scope, subject, number: generation }, keyId)}`;
}

/** For an hour it also opens what only the reader may see; after that it is a settings link like any other. */
export function oneHourManageUrl(
  { links, publicUrl }: UrlContext,
  reader: Subscription,
  expiresAt: Date,
): string {
  const { publicationId: scope, id: subject, generation } = reader;
  return `${publicUrl}/manage/${links.sign('manage-own', { scope, subject, number: generation, expiresAt })}`;
}

/** Lifts the suppression of her address. */
export function repairUrl({ links, publicUrl }: UrlContext, reader: Subscription, expiresAt: Date): string {
  const { publicationId: scope, id: subject, generation } = reader;
  return `${publicUrl}/manage/${links.sign('repair', { scope, subject, number: generation, expiresAt })}/repair/confirm`;
}

/** Confirms a change of address, or cancels it. */
export function addressUrl(
  { links, publicUrl }: UrlContext,
  word: 'confirm' | 'cancel',
  change: { id: string; publicationId: string; expiresAt: Date },
): string {
  const { publicationId: scope, id: subject, expiresAt } = change;
  return `${publicUrl}/manage/${links.sign(`address-${word}`, { scope, subject, expiresAt })}/address/${word}`;
}

export function confirmUrl({ links, publicUrl }: UrlContext, reader: Subscription, expiresAt: Date): string {
  const { publicationId: scope, id: subject, generation } = reader;
  return `${publicUrl}/confirm/${links.sign('confirm', { scope, subject, number: generation, expiresAt })}`;
}

export function neverUrl({ links, publicUrl }: UrlContext, reader: Subscription): string {
  const token = links.sign('never', { scope: reader.publicationId, subject: reader.id });
  return `${publicUrl}/never/${token}`;
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
