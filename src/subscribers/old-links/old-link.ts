import { createHash, createHmac } from 'node:crypto';

/** Products whose links were on the publisher's own host, so that the host's name or a path can lead here. */
export type OldProduct = 'listmonk' | 'ghost' | 'mailpoet';

/** What an import knows of a reader's links in mails that the old product sent. */
export type OldLink = { subscriptionId: string } & (
  | { product: 'listmonk'; /** Of the subscriber. */ uuid: string }
  | {
      product: 'ghost';
      /** Of the member. */
      uuid: string;
      /** Of her links, in hexadecimal; see `ghostKey`. Null: links of older mails, which have none. */
      key: string | null;
      /** The newsletter's UUID; null: any. */
      newsletter: string | null;
    }
  | {
      product: 'mailpoet';
      email: string;
      /** `link_token` of the subscriber. */
      token: string;
      /** Of the subscriber: links that count clicks name her by it. Null: not known. */
      id: string | null;
    }
);

/** Names a link: all that it says of who it is for, in the product's own words. */
export type OldLinkName = { product: OldProduct; hash: Buffer; list: string | null };

/** `/subscription/CAMPAIGN/SUBSCRIBER` (listmonk, cmd/handlers.go). */
export function listmonkLink(uuid: string): OldLinkName {
  return nameOf('listmonk', [uuid.toLowerCase()], null);
}

/** `/unsubscribe/?uuid=…&key=…&newsletter=…` (Ghost, core/server/services/settings-helpers). */
export function ghostLink(uuid: string, key: string | null, newsletter: string | null): OldLinkName {
  return nameOf('ghost', [uuid.toLowerCase(), key?.toLowerCase() ?? ''], newsletter?.toLowerCase() ?? null);
}

/**
 * The key of a member's links, as Ghost makes it: HMAC-SHA-256 of her UUID, in hexadecimal.
 * @param secret the setting `members_email_auth_secret`, whose text as it stands in the table is the key
 */
export function ghostKey(secret: string, uuid: string): string {
  return createHmac('sha256', secret).update(uuid).digest('hex');
}

/** `?mailpoet_router&endpoint=subscription&data=…` with the address and a token (MailPoet, lib/Subscription/SubscriptionUrlFactory.php). */
export function mailpoetLink(email: string, token: string): OldLinkName {
  return nameOf('mailpoet', ['address', email.trim().toLowerCase(), token], null);
}

/** `?mailpoet_router&endpoint=track&action=click&data=…` with the subscriber's id and her token (lib/Newsletter/Links/Links.php). */
export function mailpoetClick(id: string, token: string): OldLinkName {
  return nameOf('mailpoet', ['id', id, token], null);
}

/** No word has a NUL, so that no two lists of words are one text. */
function nameOf(product: OldProduct, words: readonly string[], list: string | null): OldLinkName {
  return { product, hash: createHash('sha256').update(words.join('\0')).digest(), list };
}
