import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { checkMadePasskey, storePasskey } from '../../../operators/credentials/add-passkey.js';
import { optionsToAdd } from '../../../operators/credentials/passkey-options.js';
import { hashChosenPassword } from '../../../operators/credentials/passwords.js';
import { storePassword } from '../../../operators/credentials/store-password.js';
import { acceptInvitation, type Acceptance, type Link } from '../../../operators/invitations/accept.js';
import { accountIdOf, type Invitation } from '../../../operators/invitations/invitation.js';
import { openInvitation } from '../../../operators/invitations/invite.js';
import { operatorNameSchema } from '../../../operators/operator.js';
import { findOperatorByEmailKey } from '../../../operators/reads.js';
import { readForm } from '../../middleware/read-body.js';
import { browserName } from './browser-name.js';
import { sendInvitationOver, sendInvitationPage } from './invitation-page.js';
import { describePasswordMistake } from './password-mistake.js';
import { credentialForm } from './passkey-routes.js';
import { signIn } from './password-routes.js';
import { findRequestSession } from './session.js';
import type { SignInContext } from './sign-in-context.js';

const choiceForm = z.object({
  name: z.string().max(1000).catch(''),
  password: z.string().max(1000).catch(''),
});

/** Accepting an invitation: with a password or a passkey that is chosen here, or in an account that is there. */
export function invitationRoutes(context: SignInContext): Router {
  const router = express.Router();

  /** A handler for a link that still leads somewhere. */
  const opened =
    (handle: (req: Request<{ token: string }>, res: Response, opened: Link) => Promise<void>) =>
    async (req: Request<{ token: string }>, res: Response): Promise<void> => {
      const found = await openInvitation(context, req.params.token);
      return found === undefined ? sendInvitationOver(context, res) : handle(req, res, found);
    };

  router.get(
    '/:token',
    opened((req, res, link) => sendInvitationPage(context, req, res, { link })),
  );

  router.post(
    '/:token',
    opened(async (req, res, found) => {
      await readForm(req, res);
      const { name, password } = choiceForm.parse(req.body ?? {});
      const { invitation } = found;
      const typed = { link: found, name };
      const named = readName(name);
      if (named === undefined)
        return sendInvitationPage(context, req, res.status(422), { ...typed, nameMistake: NAME_MISTAKE });
      const hashed = await hashChosenPassword(password, [invitation.email, name]);
      if (hashed.kind === 'refused') {
        const passwordMistake = describePasswordMistake(hashed.mistake);
        return sendInvitationPage(context, req, res.status(422), { ...typed, passwordMistake });
      }
      return accept(context, req, res, found, {
        kind: 'new',
        name: named,
        store: (tx, operatorId) => storePassword(tx, operatorId, hashed.hash, context.now()),
      });
    }),
  );

  router.post(
    '/:token/passkey/options',
    opened(async (_req, res, { invitation }) => {
      const account = await accountOf(context, invitation);
      res.json((await optionsToAdd(context, account)) ?? null);
    }),
  );

  router.post(
    '/:token/passkey',
    opened(async (req, res, found) => {
      await readForm(req, res);
      const { invitation } = found;
      const { name } = choiceForm.parse(req.body ?? {});
      const { credential = '' } = credentialForm.safeParse(req.body).data ?? {};
      const { id } = await accountOf(context, invitation);
      const made = await checkMadePasskey(context, id, credential);
      if (made === undefined)
        return sendInvitationPage(context, req, res.status(422), {
          link: found,
          name,
          isPasskeyRefused: true,
        });
      const passkeyName = browserName(req.get('user-agent'));
      return accept(context, req, res, found, {
        kind: 'new',
        name: readName(name) ?? null,
        store: async (tx, operatorId) =>
          void (await storePasskey(tx, { ...made, operatorId, name: passkeyName }, context.now())),
      });
    }),
  );

  router.post(
    '/:token/accept',
    opened(async (req, res, found) => {
      const signedIn = await findRequestSession(context, req);
      if (signedIn?.operator === undefined)
        return sendInvitationPage(context, req, res.status(403), { link: found });
      return accept(context, req, res, found, { kind: 'signed-in', operatorId: signedIn.operator.id });
    }),
  );

  return router;
}

const NAME_MISTAKE = 'A name has at most 200 characters, and no control characters.';

/** Null: she gave none. Undefined: it cannot be taken. */
function readName(typed: string): string | null | undefined {
  return typed.trim() === '' ? null : operatorNameSchema.safeParse(typed).data;
}

async function accountOf({ db }: Pick<SignInContext, 'db'>, invitation: Invitation) {
  const account = await findOperatorByEmailKey(db, invitation.emailKey);
  const { email, name } = invitation;
  return { email, name, id: accountIdOf(invitation, account) };
}

async function accept(
  context: SignInContext,
  req: Request<{ token: string }>,
  res: Response,
  found: Link,
  acceptance: Acceptance,
): Promise<void> {
  const accepted = await acceptInvitation(context, found, acceptance);
  switch (accepted.kind) {
    case 'accepted':
      return signIn(context, req, res, {
        operatorId: accepted.operatorId,
        onward: { next: '/operator', kept: undefined },
      });
    case 'over':
      return sendInvitationOver(context, res);
    case 'other-account':
    case 'sign-in-first':
    case 'mailed-only':
      return sendInvitationPage(context, req, res.status(403), { link: found });
  }
}
