import express, { type Request, type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { findPublicationBySlug } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { parseAddress, addressMistake } from '../../../subscribers/address.js';
import { requestPreferencesLink } from '../../../subscribers/preferences/link-request.js';
import { setErrorPublication, sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { privatePage } from '../../middleware/security-headers.js';
import { showPublicationArchived } from '../token-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'templates'>;

/** "Send me my link": for who has lost it, or is not sure whether she reads this. The same answer for every address. */
export function lostLinkRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'link');
  const router = express.Router();

  router.get('/:pub/manage', privatePage, async (req, res, next) => {
    const publication = await findPublicationBySlug(context.db, slugIn(req));
    if (publication === undefined) return next();
    return showPage(context, res, publication, { asked: 'asked' in req.query });
  });

  const form = express.urlencoded({ extended: false, limit: '10kb' });
  router.post('/:pub/manage', privatePage, form, async (req, res, next) => {
    const publication = await findPublicationBySlug(context.db, slugIn(req));
    if (publication === undefined) return next();
    setErrorPublication(res, publication);
    if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
    const email = typedEmail(req);
    const parsed = parseAddress(email);
    if (parsed.kind === 'malformed') return showPage(context, res.status(422), publication, { email });
    const within = await limit(req.ip);
    if (within.kind === 'too-many')
      return sendTooManyRequests(context, req, res, publication, within.seconds, {
        action: `/${publication.slug}/manage`,
        email,
      });
    await requestPreferencesLink(context, { publicationId: publication.id, email: parsed.address.email });
    return res.redirect(303, `/${publication.slug}/manage?asked`);
  });

  return router;
}

function slugIn({ params }: Request): string {
  return typeof params['pub'] === 'string' ? params['pub'] : '';
}

/** What she typed into the field for an address, if it was one line of text. */
export function typedEmail({ body }: Request): string {
  const { email } = (body ?? {}) as { email?: unknown };
  return typeof email === 'string' ? email.slice(0, 500) : '';
}

/** Under the field; empty where there is nothing to say. */
function emailMistake(
  { templates }: Pick<Context, 'templates'>,
  locale: string,
  email: string | undefined,
): string {
  if (email === undefined) return '';
  return templates.t(
    locale,
    `errors.email.${email.trim() === '' ? 'empty' : (addressMistake(email) ?? 'malformed')}`,
  );
}

function showPage(
  context: PageContext,
  res: Response,
  publication: Publication,
  { email, asked = false }: { email?: string; asked?: boolean },
): void {
  if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
  const { locale } = publication;
  const mistake = emailMistake(context, locale, email);
  const page = asked ? 'manage-link-asked' : 'manage-link';
  res.type('html').send(context.templates.page(page, locale, { publication, email: email ?? '', mistake }));
}
