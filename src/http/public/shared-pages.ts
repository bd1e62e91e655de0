import type { Response } from 'express';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { maskAddress } from '../../subscribers/address.js';
import { requestedPath } from '../middleware/base-path.js';
import { findPublicationByUrl } from '../errors/error-page-publication.js';
import type { OpenedLink } from './open-token.js';

/** 404 for a link that was cut short, forged or revoked. The page's publication comes from the unverified token. */
export async function showInvalidLink(
  context: Pick<Context, 'db' | 'links' | 'templates'>,
  res: Response,
): Promise<void> {
  const path = requestedPath(res.req);
  const publication = await findPublicationByUrl(context, path);
  const data = {
    publication: publication ?? null,
    hasSettings: !/^\/(confirm|check-inbox)\//.test(path),
    isBan: path.startsWith('/never/'),
  };
  res
    .status(404)
    .type('html')
    .send(context.templates.page('link-invalid', publication?.locale ?? 'en', data));
}

/** 410 for a form of an archived publication. */
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

/** 403 for what needs the one-hour link, with a button that mails one. */
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
    .send(templates.page('manage-one-hour-link-needed', subscription.locale, data));
}
