import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import { renderSVG } from 'uqr';
import { summariseCredentials } from '../../../operators/credentials/reads.js';
import { replaceRecoveryCodes } from '../../../operators/credentials/recovery-codes.js';
import { beginTotp, confirmTotp, readTotpSetUp, switchTotpOff } from '../../../operators/credentials/totp.js';
import type { Operator } from '../../../operators/operator.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { sendServerPage } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';
import type { SignInContext } from '../sign-in/sign-in-context.js';
import { accountAction, backToAccount, renewSession } from './account-action.js';

const codeForm = z.object({ code: z.string().max(100).catch('') });

/** Codes after the password, and recovery codes, of an operator's own account. */
export function totpRoutes(context: SignInContext): Router {
  const router = express.Router();

  router.post(
    '/totp',
    accountAction(context, async (_req, res, operator) => {
      const { passwordChangedAt } = await summariseCredentials(context.db, operator.id);
      // Codes are asked for after a password: without one there is nothing to ask after.
      if (passwordChangedAt !== null) await beginTotp(context, operator.id);
      return res.redirect(303, passwordChangedAt === null ? '/operator/account' : '/operator/account/totp');
    }),
  );

  router.get(
    '/totp',
    accountAction(context, (_req, res, operator) => sendSetUp(context, res, operator, null)),
  );

  router.post(
    '/totp/confirm',
    accountAction(context, async (req, res, operator) => {
      await readForm(req, res);
      const code = codeForm.parse(req.body ?? {}).code.replace(/\s/g, '');
      const which = { operatorId: operator.id, code, keepSid: req.sessionID };
      const confirmed = await confirmTotp(asOperator(context, res), which);
      if (confirmed.kind === 'not-right') return sendSetUp(context, res.status(422), operator, NOT_RIGHT);
      await renewSession(context, req, res);
      return sendCodes(context, res, { codes: confirmed.recoveryCodes, isNew: true });
    }),
  );

  router.post(
    '/totp/off',
    accountAction(context, async (req, res, operator) => {
      const which = { operatorId: operator.id, keepSid: req.sessionID };
      await switchTotpOff(asOperator(context, res), which);
      await renewSession(context, req, res);
      return backToAccount(res, 'totp-off');
    }),
  );

  router.post(
    '/recovery-codes',
    accountAction(context, async (req, res, operator) => {
      const { hasTotp } = await summariseCredentials(context.db, operator.id);
      if (!hasTotp) return sendNotFound(context, req, res);
      const which = { operatorId: operator.id, keepSid: req.sessionID };
      const codes = await replaceRecoveryCodes(asOperator(context, res), which);
      await renewSession(context, req, res);
      return sendCodes(context, res, { codes, isNew: false });
    }),
  );

  return router;
}

const NOT_RIGHT =
  'This code is not right, so codes are not on yet. Type the one that your program shows now; if it is never right, look at the clock of your telephone.';

async function sendSetUp(
  context: SignInContext,
  res: Response,
  operator: Operator,
  mistake: string | null,
): Promise<void> {
  const setUp = await readTotpSetUp(context, operator);
  if (setUp === undefined) return res.redirect(303, '/operator/account');
  const { secret, uri } = setUp;
  const qr = renderSVG(uri, { border: 2 }).replace(
    '<svg ',
    '<svg class="qr" role="img" aria-label="The same as a picture for your program’s camera" ',
  );
  return sendServerPage(context, res, 'account-totp', {
    qr,
    secret: secret.replace(/.{4}(?=.)/g, '$& '),
    mistake,
  });
}

function sendCodes(
  context: SignInContext,
  res: Response,
  { codes, isNew }: { codes: string[]; isNew: boolean },
): void {
  sendServerPage(context, res, 'account-recovery-codes', { codes, isNew });
}
