/**
 * What an operator needs for a route: nothing (`public`: the pages that sign in), an account, a role at the publication
 * that the path names (`look`: viewer, `change`: editor, `own`: owner), or to administer the whole server.
 */
export type Need = 'public' | 'account' | 'look' | 'change' | 'own' | 'administer';

/**
 * Every route of the dashboard, below /operator, and what it needs. A route that is not here answers 404 to everybody, and
 * a test compares the two. HEAD is as GET.
 */
export const access: Readonly<Record<string, Need>> = {
  'GET /enter/:token': 'public',
  'POST /enter/:token': 'public',
  'POST /sign-out': 'public',
  'GET /': 'account',
  'GET /alerts/:id': 'account',
  'GET /digests/:id': 'account',
  'GET /publications/:slug': 'look',
  'GET /publications/:slug/digests': 'look',
  'GET /publications/:slug/digests/new': 'look',
  'POST /publications/:slug/digests': 'change',
  'GET /publications/:slug/digests/:id': 'look',
  'GET /publications/:slug/digests/:id/deliveries': 'look',
  'POST /publications/:slug/digests/:id/approve': 'change',
  'POST /publications/:slug/digests/:id/hold': 'change',
  'POST /publications/:slug/digests/:id/reschedule': 'change',
  'POST /publications/:slug/digests/:id/pause': 'change',
  'POST /publications/:slug/digests/:id/resume': 'change',
  'POST /publications/:slug/digests/:id/cancel': 'change',
  'POST /publications/:slug/digests/:id/retry': 'change',
  'POST /publications/:slug/digests/:id/resolve': 'change',
  'POST /publications/:slug/articles/:id/release': 'change',
  'POST /publications/:slug/articles/:id/skip': 'change',
  'GET /publications/:slug/articles/holds/:id': 'look',
  'POST /publications/:slug/articles/holds/:id/decision': 'change',
  'GET /publications/:slug/readers/held': 'look',
  'POST /publications/:slug/readers/held/release': 'change',
  'POST /publications/:slug/readers/held/delete': 'change',
  'POST /publications/:slug/readers/attack': 'change',
  'GET /publications/:slug/look/welcome': 'look',
  'POST /publications/:slug/look/welcome': 'change',
  'GET /publications/:slug/settings': 'look',
  'POST /publications/:slug/settings': 'change',
  'GET /publications/:slug/settings/feeds': 'look',
  'POST /publications/:slug/settings/feeds': 'change',
  'POST /publications/:slug/settings/feeds/check': 'change',
  'POST /publications/:slug/settings/feeds/:id/poll': 'change',
  'POST /publications/:slug/settings/feeds/:id/remove': 'change',
  'GET /publications/:slug/settings/sender': 'look',
  'POST /publications/:slug/settings/sender': 'change',
  'POST /publications/:slug/settings/sender/check': 'change',
  'POST /publications/:slug/settings/sender/keys': 'own',
  'POST /publications/:slug/settings/sender/keys/activation': 'own',
  'POST /publications/:slug/circuits/:id/resume': 'change',
};

type Entry = { method: string; segments: string[]; need: Need };

const entries: readonly Entry[] = Object.entries(access)
  .map(([route, need]) => {
    const [method = '', path = ''] = route.split(' ');
    return { method, segments: segmentsOf(path), need };
  })
  // `/articles/new` before `/articles/:id`.
  .toSorted((a, b) => countParameters(a) - countParameters(b));

/**
 * What a request needs; undefined: there is no such route.
 * @param path below /operator, with or without a slash at its end
 */
export function findNeed(method: string, path: string): Need | undefined {
  const asked = method === 'HEAD' ? 'GET' : method;
  const parts = segmentsOf(path);
  return entries.find(
    ({ method, segments }) =>
      method === asked &&
      segments.length === parts.length &&
      segments.every((segment, at) => segment.startsWith(':') || segment === parts[at]?.toLowerCase()),
  )?.need;
}

/** The publication's slug in a path below /operator; undefined for pages of no publication. */
export function slugIn(path: string): string | undefined {
  const [first, slug] = segmentsOf(path);
  return first?.toLowerCase() === 'publications' ? slug : undefined;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function countParameters({ segments }: Entry): number {
  return segments.filter((segment) => segment.startsWith(':')).length;
}
