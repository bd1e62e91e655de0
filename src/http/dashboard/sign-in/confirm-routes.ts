import express, { type Router } from 'express';
import { optionsToSignIn } from '../../../operators/credentials/passkey-options.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { deskOf } from '../frame/desk.js';
import { showsThatItIsShe } from '../frame/fresh.js';
import { sendNotFound } from '../frame/own-row.js';
import { sendConfirmPage } from './confirm-page.js';
import { safeNextPath } from './next-path.js';
import type { SignInContext } from './sign-in-context.js';

const PATH = '/operator/confirm';

/** Showing once more that it is she, for pages; forms ask on their own way (see `frame/fresh.ts`). */
export function confirmRoutes(context: SignInContext): Router {
  const router = express.Router();

  router.get('/', (req, res) => {
    const next = safeNextPath(req.query['next']);
    return sendConfirmPage(context, res, { action: PATH, fields: [['next', next]], mistake: null });
  });

  router.post('/', async (req, res) => {
    await readDeskForm(req, res);
    if (!(await showsThatItIsShe(context, req, res, { action: PATH, unasked: 422 }))) return;
    res.redirect(303, safeNextPath((req.body as { next?: unknown } | undefined)?.next));
  });

  router.post('/options', async (req, res) => {
    const options = await optionsToSignIn(context, { kind: 'confirm', sessionId: deskOf(res).session.id });
    if (options === undefined) return sendNotFound(context, req, res);
    return res.json(options);
  });

  return router;
}
