import type { RequestHandler } from 'express';
import { findRole, mayDo } from '../../../operators/permissions.js';
import type { Operator } from '../../../operators/operator.js';
import { findOperator } from '../../../operators/reads.js';
import type { Context } from '../../../platform/context.js';
import { findPublicationByAnySlug, listPublications } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { sendError } from '../../errors/error-responses.js';
import { findNeed, slugIn, type Need } from './access.js';
import { setDesk } from './desk.js';

type GuardContext = Pick<Context, 'db' | 'templates'>;

/**
 * Lets a request through to a route of the dashboard if its operator has what the route needs (see `access.ts`), with the
 * desk of the request. A publication at which an operator has no role is 404, as one that does not exist.
 */
export function guardDesk(context: GuardContext): RequestHandler {
  return async (req, res, next) => {
    const notFound = () => sendError(context, req, res, { status: 404, page: 'notFound' });
    const need = findNeed(req.method, req.path);
    if (need === 'public') return next();
    const { operatorSince, operatorId } = req.session;
    const operator = operatorId === undefined ? undefined : await findOperator(context.db, operatorId);
    if (operatorSince === undefined || (operatorId !== undefined && operator === undefined)) {
      res.status(401).set('Cache-Control', 'no-store');
      return res.type('html').send(context.templates.page('dashboard-sign-in-required', 'en', {}));
    }
    if (need === undefined) return notFound();
    const publications = await listOwnPublications(context, operator);
    const slug = slugIn(req.path);
    if (slug === undefined) {
      if (need === 'administer' && operator !== undefined && operator.role !== 'owner')
        return sendError(context, req, res, { status: 403, page: 'viewOnly' });
      setDesk(res, { operator, publications });
      return next();
    }
    const publication = await findPublicationByAnySlug(context.db, slug);
    const role = publication && (await findRole(context.db, operator, publication.id));
    if (publication === undefined || role === undefined) return notFound();
    if (!mayDo(role, publicationNeed(need)))
      return sendError(context, req, res, { status: 403, page: 'viewOnly' });
    setDesk(res, { operator, publications, publication, role });
    return next();
  };
}

function publicationNeed(need: Need): 'look' | 'change' | 'own' {
  if (need === 'look' || need === 'change' || need === 'own') return need;
  throw new Error(`A route of a publication needs a role at it, and not "${need}"`);
}

async function listOwnPublications(
  { db }: GuardContext,
  operator: Operator | undefined,
): Promise<Publication[]> {
  const all = await listPublications(db);
  const roles = await Promise.all(all.map(({ id }) => findRole(db, operator, id)));
  return all.filter((_, at) => roles[at] !== undefined);
}
