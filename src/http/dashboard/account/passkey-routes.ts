import express, { type Router } from 'express';
import { z } from 'zod';
import { addPasskey, removePasskey } from '../../../operators/credentials/add-passkey.js';
import { optionsToAdd } from '../../../operators/credentials/passkey-options.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { sendNotFound } from '../frame/own-row.js';
import { browserName } from '../sign-in/browser-name.js';
import { credentialForm } from '../sign-in/passkey-routes.js';
import type { SignInContext } from '../sign-in/sign-in-context.js';
import { accountAction, backToAccount, renewSession } from './account-action.js';
import { sendAccountPage } from './account-page.js';

const LAST_ONE =
  'This is all that you sign in with, so it was not removed. Set a password first, or add another passkey.';
const NOT_TAKEN = 'This passkey was not taken. Nothing was changed: try again.';

/** The passkeys of an operator's own account. */
export function passkeyRoutes(context: SignInContext): Router {
  const router = express.Router();

  router.post(
    '/options',
    accountAction(context, async (req, res, operator) => {
      const options = await optionsToAdd(context, operator);
      if (options === undefined) return sendNotFound(context, req, res);
      return void res.json(options);
    }),
  );

  router.post(
    '/',
    accountAction(context, async (req, res, operator) => {
      await readDeskForm(req, res);
      const { credential = '' } = credentialForm.safeParse(req.body).data ?? {};
      const made = { text: credential, name: browserName(req.get('user-agent')), keepSid: req.sessionID };
      if (!(await addPasskey(asOperator(context, res), operator.id, made)))
        return sendAccountPage(context, req, res.status(422), { mistakes: { passkey: NOT_TAKEN } });
      await renewSession(context, req, res);
      return backToAccount(res, 'passkey-added');
    }),
  );

  router.post(
    '/:id/remove',
    accountAction(context, async (req, res, operator) => {
      const id = z.uuid().safeParse(req.params['id']);
      if (!id.success) return sendNotFound(context, req, res);
      const which = { id: id.data, keepSid: req.sessionID };
      const removed = await removePasskey(asOperator(context, res), operator.id, which);
      if (removed === 'unknown') return sendNotFound(context, req, res);
      if (removed === 'last')
        return sendAccountPage(context, req, res.status(409), { mistakes: { passkey: LAST_ONE } });
      await renewSession(context, req, res);
      return backToAccount(res, 'passkey-removed');
    }),
  );

  return router;
}
