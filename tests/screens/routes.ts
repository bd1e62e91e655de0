import type { TestApp } from '../support/test-app.js';

/** What Express keeps of a mounted handler; its types leave out half of it. */
type Layer = {
  rawPath: string | string[];
  route?: { methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
};

/** Every GET route of an app as Express writes them, mounted routers included: `/confirm/:token`. */
export function getRoutes(app: TestApp['app']): string[] {
  return routesOf(app.router as unknown as { stack: Layer[] }, '').map((path) =>
    path.replace(/(.)\/$/, '$1'),
  );
}

function routesOf({ stack }: { stack: Layer[] }, base: string): string[] {
  return stack.flatMap(({ rawPath, route, handle }) => {
    const paths = [rawPath].flat().map((path) => base + (path === '/' && !route ? '' : path));
    if (route) return route.methods['get'] ? paths : [];
    const { stack: nested } = handle;
    return nested ? paths.flatMap((path) => routesOf({ stack: nested }, path)) : [];
  });
}
