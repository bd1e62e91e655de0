import type { RequestHandler } from 'express';
import type { Log } from '../../platform/log.js';

/** Logs each request with its route's pattern, and not with its URL, which may hold a token. */
export function requestLog(log: Log): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    res.on('finish', () => {
      const route: unknown = req.route?.path;
      const pattern = typeof route === 'string' ? `${req.baseUrl ? '…' : ''}${route}` : undefined;
      const ms = Math.round(performance.now() - started);
      log.debug({ event: 'http.request', method: req.method, route: pattern, status: res.statusCode, ms });
    });
    next();
  };
}
