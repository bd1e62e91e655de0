import type { Request, Response } from 'express';
import { passkeySiteOf } from '../../../operators/credentials/passkey-site.js';
import { listPasskeys, summariseCredentials } from '../../../operators/credentials/reads.js';
import type { Operator } from '../../../operators/operator.js';
import { listOperatorRoles } from '../../../operators/reads.js';
import type { Session } from '../../../operators/sessions/session.js';
import { listOwnSessions } from '../../../operators/sessions/sessions.js';
import { deskOf, sendServerPage } from '../frame/desk.js';
import { hashNetworkOf } from '../sign-in/session.js';
import type { SignInContext } from '../sign-in/sign-in-context.js';

/** What was typed and could not be taken, by field. */
export type AccountMistakes = { name?: string; typedName?: string; password?: string; passkey?: string };

/** An operator's own account: her name, what she signs in with, and where she is signed in. */
export async function sendAccountPage(
  context: SignInContext,
  req: Request,
  res: Response,
  { mistakes = {}, flash = null }: { mistakes?: AccountMistakes; flash?: string | null } = {},
): Promise<void> {
  const { db } = context;
  const { operator, publications } = deskOf(res);
  if (operator === undefined) return sendServerPage(context, res, 'account-of-nobody', {});
  const roles = await listOperatorRoles(db, operator.id);
  const passkeys = await listPasskeys(db, operator.id);
  return sendServerPage(context, res, 'account', {
    account: operator,
    roles: publications.flatMap(({ id, name }) => {
      const role = roles.find(({ publicationId }) => publicationId === id)?.role;
      return role === undefined ? [] : [{ name, role }];
    }),
    credentials: await summariseCredentials(db, operator.id),
    passkeys: passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({ id, name, createdAt, lastUsedAt })),
    sessions: await describeSessions(context, req, res, operator),
    hasPasskeys: passkeySiteOf(context.publicUrl) !== undefined,
    name: mistakes.typedName ?? operator.name ?? '',
    nameMistake: mistakes.name ?? null,
    passwordMistake: mistakes.password ?? null,
    passkeyMistake: mistakes.passkey ?? null,
    flash,
    zone: publications[0]?.timezone ?? 'UTC',
  });
}

async function describeSessions(context: SignInContext, req: Request, res: Response, { id }: Operator) {
  const network = hashNetworkOf(context, req);
  const { session: current } = deskOf(res);
  return (await listOwnSessions(context, id)).map((session) => ({
    id: session.id,
    browser: session.browser ?? 'A browser',
    signedInAt: session.signedInAt,
    lastSeenAt: session.lastSeenAt,
    isCurrent: session.id === current.id,
    network: describeNetwork(session, network),
  }));
}

function describeNetwork({ networkHash }: Session, own: Buffer): string | null {
  if (networkHash === null) return null;
  return networkHash.equals(own) ? 'from this network' : 'from another network';
}
