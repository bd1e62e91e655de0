import type { RequestHandler } from 'express';
import type { Context } from '../../platform/context.js';
import { findPublicationByAnySlug } from '../../publications/reads.js';
import { requestedPath } from '../middleware/base-path.js';
import { allowAllOrigins } from '../middleware/cors.js';

/** The path of a page of a publication: what comes before its slug, the slug, and what follows. */
const PUBLICATION_PATH = /^(\/embed)?\/([a-z0-9][a-z0-9-]{0,62})((?:[/.?].*)?)$/;

const EMBED_SCRIPT = /^\/embed\/[^/]+\.js$/;

/**
 * Leads what names an earlier slug of a publication on to its present one: links and feeds on the publisher's site, and in
 * mails that are out. To be mounted behind the pages, so that their own requests cost nothing more.
 */
export function redirectEarlierSlugs({ db }: Pick<Context, 'db'>): RequestHandler {
  return async (req, res, next) => {
    const [, before = '', slug = '', rest = ''] = PUBLICATION_PATH.exec(requestedPath(req)) ?? [];
    if (slug === '' || (req.method !== 'GET' && req.method !== 'HEAD')) return next();
    const publication = await findPublicationByAnySlug(db, slug);
    if (publication === undefined || publication.slug === slug) return next();
    // A browser that kept it for ever would turn in a circle once the slug is changed back.
    res.set('Cache-Control', 'public, max-age=300');
    const target = `${before}/${publication.slug}${rest}`;
    if (!EMBED_SCRIPT.test(req.path)) return res.redirect(301, target);
    // Read by pages of other sites, whose element has the earlier slug in its name.
    return allowAllOrigins(res).redirect(301, `${target}${rest.includes('?') ? '&' : '?'}as=${slug}`);
  };
}
