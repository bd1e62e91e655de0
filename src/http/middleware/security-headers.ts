import helmet from 'helmet';
import type { RequestHandler } from 'express';

/**
 * Our own scripts only, nothing from third parties, and no other site may frame our pages. No referrer is sent, since URLs
 * may hold tokens.
 * @param hasOwnHost whether all pages of our host are ours: below a path it is its owner who decides about https for all
 */
export function securityHeaders({
  production,
  hasOwnHost,
}: {
  production: boolean;
  hasOwnHost: boolean;
}): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'https:', 'data:'],
        formAction: ["'self'"],
        frameSrc: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity:
      production && hasOwnHost ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
  });
}

/** For pages behind a token: not cached, and not in search engines. */
export const privatePage: RequestHandler = (_req, res, next) => {
  res.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex, nofollow' });
  next();
};
