import express, { type Router } from 'express';
import { consumeEntryLink } from '../../../operators/entry-link.js';
import type { Context } from '../../../platform/context.js';
import { cookiePath } from './session.js';

/** Signing in by a one-time link, and signing out. */
export function signInRoutes(context: Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>): Router {
  const { templates } = context;
  const router = express.Router();

  router.get('/enter/:token', (req, res) => {
    res.type('html').send(templates.page('dashboard-sign-in', 'en', { token: req.params.token }));
  });

  router.post('/enter/:token', async (req, res) => {
    const entered = await consumeEntryLink(context, req.params.token);
    if (entered === undefined)
      return res
        .status(410)
        .type('html')
        .send(templates.page('dashboard-sign-in-link-used', 'en', {}));
    // A new session id for each sign-in (session fixation).
    await awaitCallback((done) => req.session.regenerate(done));
    req.session.operatorSince = context.now().toISOString();
    if (entered.operatorId !== null) req.session.operatorId = entered.operatorId;
    // Stored before the redirect, which the browser follows at once.
    await awaitCallback((done) => req.session.save(done));
    return res.redirect(303, '/operator');
  });

  router.post('/sign-out', async (req, res) => {
    // Deleted from the database, not only from this browser: a copy of the cookie is of no use either.
    await awaitCallback((done) => req.session.destroy(done));
    return res
      .clearCookie('paperround_operator', { path: cookiePath(context.publicUrl) })
      .type('html')
      .send(templates.page('dashboard-signed-out', 'en', {}));
  });

  return router;
}

function awaitCallback(work: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
