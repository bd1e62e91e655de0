import express, { type Router } from 'express';
import { z } from 'zod';
import { checkPasskey } from '../../../operators/credentials/check-passkey.js';
import { optionsToSignIn } from '../../../operators/credentials/passkey-options.js';
import { readKeptForm } from '../../middleware/read-body.js';
import { sendNotFound } from '../frame/own-row.js';
import { readOnward, signIn } from './password-routes.js';
import type { SignInContext } from './sign-in-context.js';
import { sendSignInPage } from './sign-in-page.js';

/** What a script fills in once a passkey has answered. */
export const credentialForm = z.object({ credential: z.string().max(40_000) });

/** Signing in with a passkey, which finds the account by itself. */
export function passkeySignInRoutes(context: SignInContext): Router {
  const router = express.Router();

  router.post('/passkey/options', async (req, res) => {
    const options = await optionsToSignIn(context, { kind: 'sign-in' });
    if (options === undefined) return sendNotFound(context, req, res);
    return res.json(options);
  });

  router.post('/passkey', async (req, res) => {
    await readKeptForm(req, res);
    const onward = readOnward(req);
    const form = credentialForm.safeParse(req.body);
    const checked = form.success
      ? await checkPasskey(context, { kind: 'sign-in' }, form.data.credential)
      : { kind: 'wrong' as const };
    if (checked.kind === 'right')
      return signIn(context, req, res, { operatorId: checked.operator.id, onward });
    if (checked.kind === 'went-back')
      context.log.warn({ event: 'passkey.counter-went-back', passkeyId: checked.passkeyId });
    const mistake = { kind: checked.kind === 'wrong' ? 'passkey' : 'passkey-copied' } as const;
    return sendSignInPage(context, res.status(422), { ...onward, mistake });
  });

  return router;
}
