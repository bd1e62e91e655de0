import express, { type Router } from 'express';
import { z } from 'zod';
import { renameOperator } from '../../../operators/rename.js';
import { changePassword } from '../../../operators/credentials/passwords.js';
import { operatorNameSchema } from '../../../operators/operator.js';
import { endOtherSessions, endSession } from '../../../operators/sessions/sessions.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';
import { describePasswordMistake } from '../sign-in/password-mistake.js';
import type { SignInContext } from '../sign-in/sign-in-context.js';
import { sendAccountPage } from './account-page.js';
import { accountAction, backToAccount, renewSession } from './account-action.js';
import { passkeyRoutes } from './passkey-routes.js';
import { totpRoutes } from './totp-routes.js';

const text = z.string().max(1000).catch('');
const nameForm = z.object({ name: text });
const passwordForm = z.object({ password: text });

const FLASHES: Readonly<Record<string, string>> = {
  name: 'Saved.',
  password: 'Your password is set. You are signed out everywhere else.',
  'passkey-added': 'The passkey is added. You are signed out everywhere else.',
  'passkey-removed': 'The passkey is removed. You are signed out everywhere else.',
  'totp-off': 'Codes are off. You are signed out everywhere else.',
  'session-ended': 'That browser is signed out.',
  'sessions-ended': 'All other browsers are signed out.',
};

/** An operator's own account. */
export function accountRoutes(context: SignInContext): Router {
  const router = express.Router();

  router.get('/', (req, res) =>
    sendAccountPage(context, req, res, { flash: findFlash(FLASHES, req.query['done']) }),
  );

  router.post(
    '/name',
    accountAction(context, async (req, res, operator) => {
      await readForm(req, res);
      const { name: typed } = nameForm.parse(req.body ?? {});
      const name = typed.trim() === '' ? null : operatorNameSchema.safeParse(typed).data;
      if (name === undefined) {
        const mistakes = {
          typedName: typed,
          name: 'A name has at most 200 characters, and no control characters.',
        };
        return sendAccountPage(context, req, res.status(422), { mistakes });
      }
      await renameOperator(asOperator(context, res), operator.id, name);
      return backToAccount(res, 'name');
    }),
  );

  router.post(
    '/password',
    accountAction(context, async (req, res, operator) => {
      await readForm(req, res);
      const { password } = passwordForm.parse(req.body ?? {});
      const chosen = { password, keepSid: req.sessionID };
      const changed = await changePassword(asOperator(context, res), operator, chosen);
      if (changed.kind === 'refused') {
        const mistakes = { password: describePasswordMistake(changed.mistake) };
        return sendAccountPage(context, req, res.status(422), { mistakes });
      }
      await renewSession(context, req, res);
      return backToAccount(res, 'password');
    }),
  );

  router.post(
    '/sessions/end',
    accountAction(context, async (req, res, operator) => {
      await endOtherSessions(asOperator(context, res), operator.id, req.sessionID);
      return backToAccount(res, 'sessions-ended');
    }),
  );

  router.post(
    '/sessions/:id/end',
    accountAction(context, async (req, res, operator) => {
      const id = z.uuid().safeParse(req.params['id']);
      const ended = id.success && (await endSession(asOperator(context, res), operator.id, id.data));
      return ended ? backToAccount(res, 'session-ended') : sendNotFound(context, req, res);
    }),
  );

  router.use('/passkeys', passkeyRoutes(context));
  router.use(totpRoutes(context));
  return router;
}
