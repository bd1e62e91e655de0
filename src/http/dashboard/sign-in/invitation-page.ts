import type { Request, Response } from 'express';
import { passkeySiteOf } from '../../../operators/credentials/passkey-site.js';
import { summariseCredentials } from '../../../operators/credentials/reads.js';
import { mayOpen, type Link } from '../../../operators/invitations/accept.js';
import { findOperatorByEmailKey } from '../../../operators/reads.js';
import { findPublication } from '../../../publications/reads.js';
import { findRequestSession } from './session.js';
import type { SignInContext } from './sign-in-context.js';

type Shown = {
  link: Link;
  name?: string;
  nameMistake?: string;
  passwordMistake?: string;
  isPasskeyRefused?: boolean;
};

/**
 * The page behind an invitation. Where its address has an account that somebody signs in to, it asks her to sign in, and then
 * whether she accepts; else it asks what she wants to sign in with.
 */
export async function sendInvitationPage(
  context: SignInContext,
  req: Request<{ token: string }>,
  res: Response,
  { link, name, nameMistake, passwordMistake, isPasskeyRefused = false }: Shown,
): Promise<void> {
  const { db, publicUrl, templates } = context;
  const { invitation } = link;
  const { publicationId, email } = invitation;
  const publication = publicationId === null ? undefined : await findPublication(db, publicationId);
  const { token } = req.params;
  const data = {
    token,
    email,
    publication: publication ?? null,
    role: invitation.isAdministrator ? 'administrator' : invitation.role,
    name: name ?? invitation.name ?? '',
    nameMistake: nameMistake ?? null,
    passwordMistake: passwordMistake ?? null,
    isPasskeyRefused,
    carried: [],
    hasPasskeys: passkeySiteOf(publicUrl) !== undefined,
    account: await describeAccount(context, req, link),
    next: `/operator/invitation/${token}`,
  };
  res.type('html').send(templates.page('invitation', 'en', data));
}

/**
 * `none`: she chooses here what she signs in with. `unopened`: not with this link. `signed-out`: it has an account, and nobody is signed in here. `own`: she
 * is. `other`: somebody else is.
 */
async function describeAccount(
  context: SignInContext,
  req: Request<object>,
  link: Link,
): Promise<{ state: 'none' | 'unopened' | 'signed-out' | 'own' | 'other'; signedIn: string | null }> {
  const account = await findOperatorByEmailKey(context.db, link.invitation.emailKey);
  const credentials = account && (await summariseCredentials(context.db, account.id));
  if (account === undefined) return { state: 'none', signedIn: null };
  if (credentials?.passwordChangedAt === null && credentials.passkeys === 0)
    return { state: mayOpen(link, account) ? 'none' : 'unopened', signedIn: null };
  const signedIn = await findRequestSession(context, req);
  if (signedIn === undefined) return { state: 'signed-out', signedIn: null };
  const { operator } = signedIn;
  if (operator?.id === account.id) return { state: 'own', signedIn: operator.email };
  return { state: 'other', signedIn: operator?.email ?? null };
}

export function sendInvitationOver({ templates }: Pick<SignInContext, 'templates'>, res: Response): void {
  res
    .status(410)
    .type('html')
    .send(templates.page('invitation-over', 'en', {}));
}
