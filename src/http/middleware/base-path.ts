import type { Express, Request } from 'express';

/** What a publication has below its own page. */
const PUBLICATION_PAGE = /^\/(?:archive(?:\/[^/?]+)?|feed\.xml|manage|subscriptions)\/?(?:\?|$)/;

const SETTING = 'base path';

/**
 * Serves the app below the path of PUBLIC_URL, for proxies that take the path away and for those that pass it on. Routes see
 * paths without it. A redirect to a path of ours gets it, and so has `originalUrl`, by which browsers keep cookies apart.
 */
export function serveBelow(app: Express, basePath: string): void {
  app.set(SETTING, basePath);
  if (basePath === '') return;
  app.use((req, res, next) => {
    req.url = pathBelow(basePath, req.url);
    req.originalUrl = basePath + req.url;
    const { location } = res;
    res.location = (url) => location.call(res, url.startsWith('/') ? basePath + url : url);
    next();
  });
}

/**
 * The path below the base path, of an address with or without it. `/news/archive` is both where a publication has the name
 * of the path: then it is that publication's archive, since none can be called `archive`.
 */
export function pathBelow(basePath: string, url: string): string {
  const rest = url.slice(basePath.length);
  if (!url.startsWith(basePath) || !/^(?:$|[/?])/.test(rest) || PUBLICATION_PAGE.test(rest)) return url;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The path and query that was asked for, below the base path, also inside a mounted router. */
export function requestedPath(req: Request): string {
  return req.originalUrl.slice(basePathFor(req).length);
}

/** The base path of the app that answers this request. */
export function basePathFor(req: Request): string {
  return (req.app.get(SETTING) as string | undefined) ?? '';
}
