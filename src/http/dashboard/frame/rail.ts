/** The pages that the rail leads to: what follows the publication's path, and the words. */
const RAIL: readonly { path: string; label: string }[] = [
  { path: '', label: 'Home' },
  { path: '/digests', label: 'Digests' },
  { path: '/readers/held', label: 'Sign-ups' },
  { path: '/form', label: 'Form' },
  { path: '/look', label: 'Look' },
  { path: '/settings', label: 'Settings' },
];

/** Below the rule: pages of no publication. */
const FOOT: readonly { path: string; label: string }[] = [{ path: '/operator/account', label: 'Account' }];

/** @param requested the path that was asked for, below the base path */
export function railFoot(requested: string): { path: string; label: string; current: boolean }[] {
  const [asked = ''] = requested.split('?');
  return FOOT.map((item) => ({
    ...item,
    current: asked === item.path || asked.startsWith(`${item.path}/`),
  }));
}

/**
 * @param path of the publication's pages
 * @param requested the path that was asked for: the item it is at, or below, is the current one
 */
export function railOf(path: string, requested: string): { path: string; label: string; current: boolean }[] {
  const [asked = ''] = requested.slice(requested.indexOf(path)).split('?');
  const rest = asked.slice(path.length).replace(/\/$/, '');
  return RAIL.map(({ path: below, label }) => ({
    path: path + below,
    label,
    current: below === '' ? rest === '' : rest === below || rest.startsWith(`${below}/`),
  }));
}
