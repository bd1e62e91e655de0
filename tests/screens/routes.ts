import type { TestApp } from '../support/test-app.js';

/** What Express keeps of a mounted handler; its types leave out half of it. */
type Layer = {
  rawPath: string | string[];
  route?: { methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
};

/** A route as Express writes its path, mounted routers included: `/confirm/:token`. */
export type AppRoute = { method: string; path: string };

/** Every route of an app. */
export function routesOfApp(app: TestApp['app']): AppRoute[] {
  return routesOf(app.router as unknown as { stack: Layer[] }, '').map(({ method, path }) => ({
    method,
    path: path.replace(/(.)\/$/, '$1'),
  }));
}

/** The paths of every GET route. */
export function getRoutes(app: TestApp['app']): string[] {
  return routesOfApp(app)
    .filter(({ method }) => method === 'GET')
    .map(({ path }) => path);
}

function routesOf({ stack }: { stack: Layer[] }, base: string): AppRoute[] {
  return stack.flatMap(({ rawPath, route, handle }) => {
    const paths = [rawPath].flat().map((path) => base + (path === '/' && !route ? '' : path));
    if (route)
      return Object.keys(route.methods).flatMap((method) =>
        paths.map((path) => ({ method: method.toUpperCase(), path })),
      );
    const { stack: nested } = handle;
    return nested ? paths.flatMap((path) => routesOf({ stack: nested }, path)) : [];
  });
}
