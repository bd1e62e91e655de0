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
  'GET /sign-in': 'public',
  'POST /sign-in': 'public',
  'POST /sign-in/code': 'public',
  'POST /sign-in/passkey': 'public',
  'POST /sign-in/passkey/options': 'public',
  'GET /invitation/:token': 'public',
  'POST /invitation/:token': 'public',
  'POST /invitation/:token/accept': 'public',
  'POST /invitation/:token/passkey': 'public',
  'POST /invitation/:token/passkey/options': 'public',
  'GET /recovery': 'public',
  'POST /recovery': 'public',
  'GET /recovery/:token': 'public',
  'POST /recovery/:token': 'public',
  'POST /recovery/:token/passkey': 'public',
  'POST /recovery/:token/passkey/options': 'public',
  'GET /': 'account',
  'GET /confirm': 'account',
  'POST /confirm': 'account',
  'POST /confirm/options': 'account',
  'GET /account': 'account',
  'POST /account/name': 'account',
  'POST /account/password': 'account',
  'POST /account/passkeys': 'account',
  'POST /account/passkeys/options': 'account',
  'POST /account/passkeys/:id/remove': 'account',
  'GET /account/totp': 'account',
  'POST /account/totp': 'account',
  'POST /account/totp/confirm': 'account',
  'POST /account/totp/off': 'account',
  'POST /account/recovery-codes': 'account',
  'POST /account/sessions/end': 'account',
  'POST /account/sessions/:id/end': 'account',
  'GET /alerts/:id': 'account',
  'GET /health': 'account',
  'GET /health/hooks': 'administer',
  'POST /health/hooks': 'administer',
  'POST /health/hooks/:id/secret': 'administer',
  'POST /health/hooks/:id/remove': 'administer',
  'POST /health/hooks/:id/test': 'administer',
  'GET /digests/:id': 'account',
  'GET /publications/:slug': 'look',
  'POST /publications/:slug/rhythms/:cadence/hold': 'change',
  'GET /publications/:slug/digests': 'look',
  'GET /publications/:slug/digests/new': 'look',
  'POST /publications/:slug/digests': 'change',
  'GET /publications/:slug/digests/:id': 'look',
  'GET /publications/:slug/digests/:id/deliveries': 'look',
  'GET /publications/:slug/digests/:id/progress': 'look',
  'GET /publications/:slug/digests/:id/preview': 'look',
  'GET /publications/:slug/digests/:id/preview/mail': 'look',
  'POST /publications/:slug/digests/:id/preview/reader': 'look',
  'POST /publications/:slug/digests/:id/preview/links': 'change',
  'POST /publications/:slug/digests/:id/preview/test': 'change',
  'GET /publications/:slug/digests/coming/:coming/preview': 'look',
  'GET /publications/:slug/digests/coming/:coming/preview/mail': 'look',
  'POST /publications/:slug/digests/coming/:coming/preview/reader': 'look',
  'POST /publications/:slug/digests/coming/:coming/preview/links': 'change',
  'POST /publications/:slug/digests/coming/:coming/preview/test': 'change',
  'POST /publications/:slug/digests/:id/approve': 'change',
  'POST /publications/:slug/digests/:id/hold': 'change',
  'POST /publications/:slug/digests/:id/reschedule': 'change',
  'POST /publications/:slug/digests/:id/pause': 'change',
  'POST /publications/:slug/digests/:id/resume': 'change',
  'POST /publications/:slug/digests/:id/cancel': 'change',
  'POST /publications/:slug/digests/:id/retry': 'change',
  'POST /publications/:slug/digests/:id/resolve': 'change',
  'GET /publications/:slug/emails': 'look',
  'GET /publications/:slug/emails/new': 'change',
  'POST /publications/:slug/emails': 'change',
  'GET /publications/:slug/emails/:id': 'look',
  'POST /publications/:slug/emails/:id': 'change',
  'POST /publications/:slug/emails/:id/copy': 'change',
  'POST /publications/:slug/emails/:id/target': 'change',
  'POST /publications/:slug/emails/:id/take-back': 'change',
  'POST /publications/:slug/emails/:id/discard': 'change',
  'GET /publications/:slug/emails/:id/send': 'change',
  'POST /publications/:slug/emails/:id/send': 'change',
  'GET /publications/:slug/emails/:id/preview': 'look',
  'GET /publications/:slug/emails/:id/preview/mail': 'look',
  'POST /publications/:slug/emails/:id/preview/reader': 'look',
  'POST /publications/:slug/emails/:id/preview/links': 'change',
  'POST /publications/:slug/emails/:id/preview/test': 'change',
  'GET /publications/:slug/articles': 'look',
  'POST /publications/:slug/articles': 'change',
  'GET /publications/:slug/articles/new': 'change',
  'GET /publications/:slug/articles/:id': 'look',
  'GET /publications/:slug/articles/:id/mail': 'look',
  'GET /publications/:slug/articles/:id/correct': 'change',
  'POST /publications/:slug/articles/:id/correct': 'change',
  'POST /publications/:slug/articles/:id/hold': 'change',
  'POST /publications/:slug/articles/:id/retract': 'change',
  'POST /publications/:slug/articles/:id/release': 'change',
  'POST /publications/:slug/articles/:id/skip': 'change',
  'GET /publications/:slug/articles/holds/:id': 'look',
  'POST /publications/:slug/articles/holds/:id/decision': 'change',
  'GET /publications/:slug/readers': 'look',
  'GET /publications/:slug/readers/waiting': 'look',
  'GET /publications/:slug/readers/do-not-mail': 'look',
  'POST /publications/:slug/readers/do-not-mail': 'change',
  'POST /publications/:slug/readers/do-not-mail/export.csv': 'own',
  'GET /publications/:slug/readers/do-not-mail/files/new': 'change',
  'POST /publications/:slug/readers/do-not-mail/files': 'change',
  'GET /publications/:slug/readers/do-not-mail/files/:id': 'look',
  'GET /publications/:slug/readers/do-not-mail/files/:id/mistakes.csv': 'look',
  'POST /publications/:slug/readers/do-not-mail/files/:id/start': 'change',
  'GET /publications/:slug/readers/do-not-mail/:id': 'look',
  'POST /publications/:slug/readers/do-not-mail/:id/lift': 'change',
  'GET /publications/:slug/readers/import': 'look',
  'POST /publications/:slug/readers/import': 'change',
  'GET /publications/:slug/readers/import/:id': 'change',
  'POST /publications/:slug/readers/import/:id/files': 'change',
  'POST /publications/:slug/readers/import/:id/files/:number/columns': 'change',
  'POST /publications/:slug/readers/import/:id/files/:number/remove': 'change',
  'POST /publications/:slug/readers/import/:id/answers': 'change',
  'POST /publications/:slug/readers/import/:id/check': 'change',
  'POST /publications/:slug/readers/import/:id/add': 'change',
  'POST /publications/:slug/readers/import/:id/start': 'change',
  'POST /publications/:slug/readers/import/:id/stop': 'change',
  'POST /publications/:slug/readers/import/:id/undo': 'change',
  'GET /publications/:slug/readers/import/:id/mistakes.csv': 'change',
  'GET /publications/:slug/readers/held': 'look',
  'POST /publications/:slug/readers/held/release': 'change',
  'POST /publications/:slug/readers/held/delete': 'change',
  'POST /publications/:slug/readers/attack': 'change',
  'GET /publications/:slug/form': 'look',
  'GET /publications/:slug/look': 'look',
  'POST /publications/:slug/look': 'change',
  'GET /publications/:slug/readers/new': 'change',
  'POST /publications/:slug/readers': 'change',
  'GET /publications/:slug/readers/export': 'own',
  'POST /publications/:slug/readers/export': 'own',
  'POST /publications/:slug/readers/together': 'change',
  'GET /publications/:slug/readers/together/:id': 'look',
  'POST /publications/:slug/readers/together/:id/start': 'change',
  'POST /publications/:slug/readers/together/:id/erase': 'change',
  'POST /publications/:slug/readers/together/:id/stop': 'change',
  'POST /publications/:slug/readers/together/:id/undo': 'change',
  'GET /publications/:slug/readers/:id': 'look',
  'POST /publications/:slug/readers/:id/choices': 'change',
  'POST /publications/:slug/readers/:id/link': 'change',
  'POST /publications/:slug/readers/:id/pause': 'change',
  'POST /publications/:slug/readers/:id/resume': 'change',
  'POST /publications/:slug/readers/:id/unsubscribe': 'change',
  'POST /publications/:slug/readers/:id/restore': 'change',
  'POST /publications/:slug/readers/:id/erase': 'change',
  'GET /publications/:slug/look/welcome': 'look',
  'POST /publications/:slug/look/welcome': 'change',
  'GET /publications/new': 'administer',
  'POST /publications/new': 'administer',
  'GET /publications/:slug/set-up': 'look',
  'POST /publications/:slug/set-up/form': 'change',
  'POST /publications/:slug/set-up/live': 'change',
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
  'GET /publications/:slug/settings/people': 'own',
  'POST /publications/:slug/settings/people': 'own',
  'POST /publications/:slug/settings/people/:id/role': 'own',
  'POST /publications/:slug/settings/people/:id/remove': 'own',
  'POST /publications/:slug/settings/people/:id/administrator': 'administer',
  'POST /publications/:slug/settings/people/invitations/:id/again': 'own',
  'POST /publications/:slug/settings/people/invitations/:id/withdraw': 'own',
  'GET /publications/:slug/settings/programs': 'own',
  'POST /publications/:slug/settings/programs': 'own',
  'POST /publications/:slug/settings/programs/:id/revoke': 'own',
  'GET /publications/:slug/settings/history': 'look',
  'POST /publications/:slug/circuits/:id/resume': 'change',
  'POST /publications/:slug/failed-rows/retry': 'change',
};

/**
 * Routes on which who has not shown for ten minutes that it is she is asked again (see `fresh.ts`), beside all forms that need
 * `own`: people, programs, keys.
 */
const ASKS_AGAIN: ReadonlySet<string> = new Set([
  'POST /account/password',
  'POST /account/passkeys',
  'POST /account/passkeys/:id/remove',
  'GET /account/totp',
  'POST /account/totp',
  'POST /account/totp/confirm',
  'POST /account/totp/off',
  'POST /account/recovery-codes',
  'POST /publications/:slug/settings/people/:id/administrator',
  // So that no pass phrase is carried through the page that asks again.
  'GET /publications/:slug/readers/export',
  'POST /publications/:slug/readers/:id/erase',
  'POST /publications/:slug/readers/together/:id/erase',
  'POST /health/hooks',
  'POST /health/hooks/:id/secret',
  'POST /health/hooks/:id/remove',
]);

type Entry = { route: string; method: string; segments: string[]; need: Need };

const entries: readonly Entry[] = Object.entries(access)
  .map(([route, need]) => {
    const [method = '', path = ''] = route.split(' ');
    return { route, method, segments: segmentsOf(path), need };
  })
  // `/articles/new` before `/articles/:id`.
  .toSorted((a, b) => countParameters(a) - countParameters(b));

/**
 * What a request needs; undefined: there is no such route.
 * @param path below /operator, with or without a slash at its end
 */
export function findNeed(method: string, path: string): Need | undefined {
  return findEntry(method, path)?.need;
}

/**
 * Whether there is a page at a path below a publication's: links lead nowhere else.
 * @param path like /readers
 */
export function isPage(path: string): boolean {
  return findNeed('GET', `/publications/any${path}`) !== undefined;
}

/** Whether who asks has to have shown within ten minutes that it is she. */
export function asksAgain(method: string, path: string): boolean {
  const entry = findEntry(method, path);
  if (entry === undefined) return false;
  return ASKS_AGAIN.has(entry.route) || (entry.need === 'own' && entry.method === 'POST');
}

function findEntry(method: string, path: string): Entry | undefined {
  const asked = method === 'HEAD' ? 'GET' : method;
  const parts = segmentsOf(path);
  return entries.find(
    ({ method, segments }) =>
      method === asked &&
      segments.length === parts.length &&
      segments.every((segment, at) => segment.startsWith(':') || segment === parts[at]?.toLowerCase()),
  );
}

/** The publication's slug in a path below /operator; undefined for pages of no publication. */
export function slugIn(path: string): string | undefined {
  const [first, slug, ...rest] = segmentsOf(path);
  // The page that makes one.
  if (slug?.toLowerCase() === 'new' && rest.length === 0) return undefined;
  return first?.toLowerCase() === 'publications' ? slug : undefined;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function countParameters({ segments }: Entry): number {
  return segments.filter((segment) => segment.startsWith(':')).length;
}
