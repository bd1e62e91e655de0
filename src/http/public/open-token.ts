import type { Context } from '../../platform/context.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { findSubscription } from '../../subscribers/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';

type TokenContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** What a link in a mail opens. `generation` is the token's: if it is not the subscription's, the link was revoked. */
export type OpenedLink = {
  kind: 'valid' | 'expired';
  generation: number;
  /** In whole seconds; undefined: never. */
  expiresAt: Date | undefined;
  subscription: Subscription;
  publication: Publication;
};

/** Opens a link's token, also an expired one. Undefined for a wrong signature, and for a subscription that was deleted. */
export async function openToken(
  { db, links, now }: TokenContext,
  purpose: string,
  token: string,
): Promise<OpenedLink | undefined> {
  const opened = links.verify(purpose, token, now());
  if (opened.kind === 'invalid') return undefined;
  const subscription = await findSubscription(db, opened.subject);
  const publication = await findPublication(db, opened.scope);
  if (subscription === undefined || publication === undefined) return undefined;
  if (subscription.publicationId !== publication.id) return undefined;
  const { kind, number: generation, expiresAt } = opened;
  return { kind, generation, expiresAt, subscription, publication };
}
