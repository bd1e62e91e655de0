import express, { type Request, type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { findPublicationByAnySlug, findPublicationBySlug } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { parseAddress, addressMistake } from '../../../subscribers/address.js';
import { requestPreferencesLink } from '../../../subscribers/preferences/link-request.js';
import { setErrorPublication, sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { readForm } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { showPublicationArchived } from '../shared-pages.js';

type PageContext = Pick<Context, 'db' | 'now' | 'templates'>;

/** The form "Send me my link". It answers every address in the same way, so that nobody learns who reads. */
export function lostLinkRoutes(context: PageContext): Router {
  const limit = createNetworkLimit(context, 'link');
  const router = express.Router();

  router.get('/:pub/manage', privatePage, async (req, res, next) => {
    const publication = await findPublicationBySlug(context.db, slugIn(req));
    if (publication === undefined) return next();
    return showPage(context, res, publication, { isRequested: req.query['done'] === 'requested' });
  });

  router.post('/:pub/manage', privatePage, async (req, res, next) => {
    const publication = await findPublicationByAnySlug(context.db, slugIn(req));
    if (publication === undefined) return next();
    setErrorPublication(res, publication);
    if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
    await readForm(req, res);
    const email = typedEmail(req);
    const parsed = parseAddress(email);
    if (parsed.kind === 'malformed') return showPage(context, res.status(422), publication, { email });
    const limited = await limit(req.ip);
    if (limited.kind === 'limited')
      return sendTooManyRequests(context, req, res, publication, limited.seconds, {
        action: `/${publication.slug}/manage`,
        email,
      });
    await requestPreferencesLink(context, { publicationId: publication.id, email: parsed.address.email });
    return res.redirect(303, `/${publication.slug}/manage?done=requested`);
  });

  return router;
}

function slugIn({ params }: Request): string {
  return typeof params['pub'] === 'string' ? params['pub'] : '';
}

/** What she typed into the field `email`; empty where the form sent no text for it. */
export function typedEmail({ body }: Request): string {
  const { email } = (body ?? {}) as { email?: unknown };
  return typeof email === 'string' ? email.slice(0, 500) : '';
}

/** The message under the field; empty when nothing was sent yet. */
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
  { email, isRequested = false }: { email?: string; isRequested?: boolean },
): void {
  if (publication.archivedAt !== null) return showPublicationArchived(context, res, publication);
  const { locale } = publication;
  const mistake = emailMistake(context, locale, email);
  const page = isRequested ? 'lost-link-requested' : 'lost-link';
  res.type('html').send(context.templates.page(page, locale, { publication, email: email ?? '', mistake }));
}
