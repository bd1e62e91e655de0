import express, { type Router } from 'express';
import { consumeEntryLink } from '../../../operators/entry-link.js';
import { cookiePath, sessionCookieName, startSession, stopSession } from './session.js';
import { passkeySignInRoutes } from './passkey-routes.js';
import { passwordSignInRoutes } from './password-routes.js';
import { rememberDevice } from './known-device.js';
import type { SignInContext } from './sign-in-context.js';

/** Signing in, with a password, a passkey or a one-time link, and signing out. */
export function signInRoutes(context: SignInContext): Router {
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
    await startSession(context, req, entered);
    if (entered.operatorId !== null) rememberDevice(context, req, res, entered.operatorId);
    return res.redirect(303, '/operator');
  });

  router.post('/sign-out', async (req, res) => {
    await stopSession(req);
    return res
      .clearCookie(sessionCookieName, { path: cookiePath(context.publicUrl) })
      .type('html')
      .send(templates.page('dashboard-signed-out', 'en', {}));
  });

  router.use('/sign-in', passwordSignInRoutes(context));
  router.use('/sign-in', passkeySignInRoutes(context));
  return router;
}
