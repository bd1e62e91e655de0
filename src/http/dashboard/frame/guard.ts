import type { Request, RequestHandler, Response } from 'express';
import { findRole, mayAdminister, mayDo } from '../../../operators/permissions.js';
import type { Operator } from '../../../operators/operator.js';
import { listOperatorRoles } from '../../../operators/reads.js';
import type { SignedIn } from '../../../operators/sessions/sessions.js';
import type { Context } from '../../../platform/context.js';
import { findPublicationByAnySlug, listPublications } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { sendError } from '../../errors/error-responses.js';
import { askToSignIn } from '../sign-in/ask-to-sign-in.js';
import { findRequestSession } from '../sign-in/session.js';
import type { SignInContext } from '../sign-in/sign-in-context.js';
import { asksAgain, findNeed, slugIn, type Need } from './access.js';
import { requireFresh } from './fresh.js';
import { setDesk, type Desk, type PublicationDesk } from './desk.js';
import type { FindTrouble } from '../health/health-mark.js';

/**
 * Lets a request through to a route of the dashboard if its operator has what the route needs (see `access.ts`), with the
 * desk of the request. A publication at which an operator has no role is 404, as one that does not exist.
 */
export function guardDesk(context: SignInContext, findTrouble: FindTrouble): RequestHandler {
  return async (req, res, next) => {
    const need = findNeed(req.method, req.path);
    if (need === 'public') return next();
    const signedIn = await findRequestSession(context, req);
    if (signedIn === undefined) return askToSignIn(context, req, res);
    const opened =
      need === undefined ? 'not-found' : await openDesk({ ...context, findTrouble }, req, signedIn, need);
    if (opened === 'not-found' || opened === 'forbidden')
      return refuse(context, req, res, opened === 'forbidden' ? need : undefined);
    setDesk(res, opened);
    return asksAgain(req.method, req.path) ? requireFresh(context)(req, res, next) : next();
  };
}

async function openDesk(
  { db, findTrouble }: Pick<Context, 'db'> & { findTrouble: FindTrouble },
  req: Request,
  { operator, session }: SignedIn,
  need: Exclude<Need, 'public'>,
): Promise<Desk | PublicationDesk | 'not-found' | 'forbidden'> {
  const publications = await listOwnPublications(db, operator);
  const desk = { operator, session, publications, hasTrouble: await findTrouble(publications) };
  const slug = slugIn(req.path);
  const isRefused = need === 'administer' && !mayAdminister(operator);
  if (slug === undefined) return isRefused ? 'forbidden' : desk;
  const publication = await findPublicationByAnySlug(db, slug);
  const role = publication && (await findRole(db, operator, publication.id));
  if (publication === undefined || role === undefined) return 'not-found';
  return isRefused || !mayDo(role, publicationNeed(need)) ? 'forbidden' : { ...desk, publication, role };
}

function publicationNeed(need: Need): 'look' | 'change' | 'own' {
  if (need === 'administer') return 'own';
  if (need === 'look' || need === 'change' || need === 'own') return need;
  throw new Error(`A route of a publication needs a role at it, and not "${need}"`);
}

/** @param lacked what the operator does not have; undefined: there is no such page for her */
function refuse(context: SignInContext, req: Request, res: Response, lacked: Need | undefined): void {
  if (lacked === undefined) return sendError(context, req, res, { status: 404, page: 'notFound' });
  const page = lacked === 'own' || lacked === 'administer' ? 'ownersOnly' : 'viewOnly';
  return sendError(context, req, res, { status: 403, page });
}

async function listOwnPublications(
  db: Context['db'],
  operator: Operator | undefined,
): Promise<Publication[]> {
  const all = await listPublications(db);
  if (operator === undefined || operator.isAdministrator) return all;
  const roles = await listOperatorRoles(db, operator.id);
  return all.filter(({ id }) => roles.some(({ publicationId }) => publicationId === id));
}
