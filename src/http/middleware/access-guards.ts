import type { RequestHandler, Response } from 'express';
import type { Context } from '../../platform/context.js';
import { mayChange, type Operator } from '../../operators/operator.js';
import { findOperator } from '../../operators/reads.js';
import { sendError } from '../errors/error-responses.js';

/**
 * Refuses a change that another site's page sent (CSRF): browsers say where a request comes from (Sec-Fetch-Site; Origin
 * in older ones, and where we are reached over plain http), and cookies are SameSite=Strict besides.
 */
export function requireSameOrigin(context: Pick<Context, 'templates' | 'publicUrl'>): RequestHandler {
  const { host: ownHost } = new URL(context.publicUrl);
  return (req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    const site = req.get('sec-fetch-site');
    const origin = req.get('origin');
    // Where both are there the first decides: a page without a referrer sends "Origin: null" even to its own site.
    const isOwn =
      site === undefined
        ? origin === undefined || [ownHost, req.get('host')].includes(hostOf(origin))
        : site === 'same-origin' || site === 'none';
    if (isOwn) return next();
    return sendError(context, req, res, { status: 403, page: 'refused' });
  };
}

/** Lets in a signed-in operator who was not removed since; a viewer only for GET and HEAD. */
export function requireOperator(context: Pick<Context, 'db' | 'templates'>): RequestHandler {
  return async (req, res, next) => {
    const { operatorSince, operatorId } = req.session;
    const operator = operatorId === undefined ? undefined : await findOperator(context.db, operatorId);
    if (operatorSince === undefined || (operatorId !== undefined && operator === undefined)) {
      res.status(401).set('Cache-Control', 'no-store');
      return res.type('html').send(context.templates.page('dashboard-sign-in-required', 'en', {}));
    }
    const isReading = req.method === 'GET' || req.method === 'HEAD';
    if (operator !== undefined && !mayChange(operator) && !isReading)
      return sendError(context, req, res, { status: 403, page: 'viewOnly' });
    res.locals['operator'] = operator;
    return next();
  };
}

/** The signed-in operator; undefined for a link of the command line, which names none. Behind `requireOperator`. */
export function signedInOperator(res: Response): Operator | undefined {
  return res.locals['operator'] as Operator | undefined;
}

/** Pages for development answer only to the name they were started under: no other site reaches them by DNS tricks. */
export function requireOwnHost(context: Pick<Context, 'templates' | 'publicUrl'>): RequestHandler {
  const { host: ownHost } = new URL(context.publicUrl);
  return (req, res, next) => {
    if (req.get('host') === ownHost) return next();
    return sendError(context, req, res, { status: 404, page: 'notFound' });
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
