import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { findSubscription, findSubscriptionByNumber } from '../../subscribers/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';

type TokenContext = Pick<Context, 'db' | 'now' | 'links'>;

/** What a link in a mail opens. `isCurrent`: its generation is the subscription's; if it is not, the link was revoked. */
export type OpenedLink = {
  kind: 'valid' | 'expired';
  isCurrent: boolean;
  /** In whole seconds; undefined: never. */
  expiresAt: Date | undefined;
  subscription: Subscription;
  publication: Publication;
};

/**
 * Opens a link's token, also an expired one, and also a long one, as mails had them before. Undefined for a wrong signature,
 * and for a subscription that was deleted.
 */
export async function openToken(
  { db, links, now }: TokenContext,
  purpose: string,
  token: string,
): Promise<OpenedLink | undefined> {
  const short = links.verifyShort(purpose, token, now());
  if (short.kind !== 'invalid') {
    const subscription = await findSubscriptionByNumber(db, short.subject);
    const isCurrent = subscription !== undefined && short.generation === (subscription.generation & 0xff);
    return withPublication(db, { kind: short.kind, expiresAt: short.expiresAt, isCurrent, subscription });
  }
  const long = links.verify(purpose, token, now());
  if (long.kind === 'invalid') return undefined;
  const subscription = await findSubscription(db, long.subject);
  if (subscription?.publicationId !== long.scope) return undefined;
  const isCurrent = long.number === subscription.generation;
  return withPublication(db, { kind: long.kind, expiresAt: long.expiresAt, isCurrent, subscription });
}

async function withPublication(
  db: Db,
  opened: Omit<OpenedLink, 'subscription' | 'publication'> & { subscription: Subscription | undefined },
): Promise<OpenedLink | undefined> {
  const { kind, isCurrent, expiresAt, subscription } = opened;
  const publication = subscription && (await findPublication(db, subscription.publicationId));
  if (subscription === undefined || publication === undefined) return undefined;
  return { kind, isCurrent, expiresAt, subscription, publication };
}
