import type { RequestHandler } from 'express';
import type { Context } from '../../platform/context.js';
import { sendError } from '../errors/error-responses.js';

/**
 * Refuses a change that a page of another site sent (CSRF). Browsers say where a request comes from: in Sec-Fetch-Site, and
 * older ones, or any over plain http, in Origin. Cookies are SameSite=Strict too.
 */
export function requireSameOrigin(context: Pick<Context, 'templates' | 'publicUrl'>): RequestHandler {
  const { host: ownHost } = new URL(context.publicUrl);
  return (req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    const site = req.get('sec-fetch-site');
    const origin = req.get('origin');
    // Sec-Fetch-Site decides where it is there: a page with `no-referrer` sends `Origin: null` even to its own site.
    const isOwn =
      site === undefined
        ? origin === undefined || [ownHost, req.get('host')].includes(hostOf(origin))
        : site === 'same-origin' || site === 'none';
    if (isOwn) return next();
    return sendError(context, req, res, { status: 403, page: 'refused' });
  };
}

/** Requires our own host name, for pages for development: another site cannot reach them by DNS rebinding. */
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
