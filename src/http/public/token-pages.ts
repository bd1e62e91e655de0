import type { Response } from 'express';
import type { Context } from '../../platform/context.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { maskAddress } from '../../subscribers/address.js';
import { findSubscription } from '../../subscribers/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { findPublicationByUrl } from '../errors/error-page-publication.js';

type TokenContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** Whom a link from one of our mails is about. */
export type OpenedLink = {
  kind: 'valid' | 'expired';
  generation: number;
  subscription: Subscription;
  publication: Publication;
};

/** Opens a link's token; undefined when it is not ours, or what it names is gone. */
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
  return { kind: opened.kind, generation: opened.generation, subscription, publication };
}

/**
 * A link that was cut, made up, or replaced by a newer one. Whose it was may still be read in it: that newsletter's page
 * is where to start again.
 */
export async function showInvalidLink(
  context: Pick<Context, 'db' | 'links' | 'templates'>,
  res: Response,
): Promise<void> {
  const { originalUrl } = res.req;
  const publication = await findPublicationByUrl(context, originalUrl);
  // Of a reader's settings another link is what she misses; who came to subscribe starts again.
  const data = {
    publication: publication ?? null,
    hasSettings: !/^\/(confirm|check-inbox)\//.test(originalUrl),
    isBan: originalUrl.startsWith('/never/'),
  };
  res
    .status(404)
    .type('html')
    .send(context.templates.page('link-invalid', publication?.locale ?? 'en', data));
}

/** A newsletter that has stopped: nothing is taken, nothing is sent. */
export function showPublicationArchived(
  { templates }: Pick<Context, 'templates'>,
  res: Response,
  publication: Publication,
): void {
  res
    .status(410)
    .type('html')
    .send(templates.page('publication-archived', publication.locale, { publication }));
}

/** What only the link that was mailed to her within the hour opens: a button mails it. */
export function showOneHourLinkNeeded(
  { templates }: Pick<Context, 'templates'>,
  res: Response,
  { subscription, publication }: Pick<OpenedLink, 'subscription' | 'publication'>,
  token: string,
): void {
  const data = { publication, token, maskedEmail: maskAddress(subscription.email) };
  res
    .status(403)
    .type('html')
    .send(templates.page('manage-own-needed', subscription.locale, data));
}
