/** The pages that the rail leads to: what follows the publication's path, and the words. */
const RAIL: readonly { path: string; label: string; also?: string }[] = [
  { path: '', label: 'Home' },
  { path: '/articles', label: 'Articles' },
  { path: '/digests', label: 'Digests', also: '/emails' },
  { path: '/readers', label: 'Readers' },
  { path: '/form', label: 'Form' },
  { path: '/look', label: 'Look' },
  { path: '/settings', label: 'Settings' },
];

/** Below the rule: pages of no publication. */
const HEALTH = '/operator/health';
const FOOT: readonly { path: string; label: string }[] = [
  { path: HEALTH, label: 'Health' },
  { path: '/operator/account', label: 'Account' },
];

/** `hasTrouble`: of the page about it, which says so; null on others. */
type FootItem = { path: string; label: string; current: boolean; hasTrouble: boolean | null };

/** @param requested the path that was asked for, below the base path */
export function railFoot(requested: string, hasTrouble: boolean): FootItem[] {
  const [asked = ''] = requested.split('?');
  return FOOT.map((item) => ({
    ...item,
    current: asked === item.path || asked.startsWith(`${item.path}/`),
    hasTrouble: item.path === HEALTH ? hasTrouble : null,
  }));
}

/**
 * @param path of the publication's pages
 * @param requested the path that was asked for: the item it is at, or below, is the current one
 */
export function railOf(path: string, requested: string): { path: string; label: string; current: boolean }[] {
  const [asked = ''] = requested.slice(requested.indexOf(path)).split('?');
  const rest = asked.slice(path.length).replace(/\/$/, '');
  const isAt = (below: string) => rest === below || rest.startsWith(`${below}/`);
  return RAIL.map(({ path: below, label, also }) => ({
    path: path + below,
    label,
    current: below === '' ? rest === '' : isAt(below) || (also !== undefined && isAt(also)),
  }));
}
