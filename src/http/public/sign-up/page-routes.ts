import express, { type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { findPublicationBySlug, listPublications } from '../../../publications/reads.js';
import { basePathFor } from '../../middleware/base-path.js';
import { showSignUpPage } from './page.js';

const EMPTY_FORM = { status: 200, email: '', source: '', errors: [] };

/**
 * The sign-up page, `/<slug>`. That matches every path of one segment, so these routes are mounted last. The first page is
 * that of the publication which has the base path's name: a proxy that takes the path away makes one of the two.
 */
export function signUpPageRoutes(context: Pick<Context, 'db' | 'links' | 'templates' | 'now'>): Router {
  const { db, templates } = context;
  const router = express.Router();

  router.get('/', async (req, res) => {
    const namesake = await findPublicationBySlug(db, basePathFor(req).slice(1));
    if (namesake?.archivedAt === null) return await showSignUpPage(context, res, namesake, EMPTY_FORM);
    const publications = await listPublications(db);
    const [only, ...others] = publications;
    if (only !== undefined && others.length === 0) return res.redirect(302, `/${only.slug}`);
    return res.type('html').send(templates.page('home', 'en', { publications }));
  });

  router.get('/:pub', async (req, res, next) => {
    const publication = await findPublicationBySlug(db, req.params.pub);
    if (publication === undefined) return next();
    return await showSignUpPage(context, res, publication, EMPTY_FORM);
  });

  return router;
}
