/** More HTML than any article has; the rest of it is cut. In UTF-16 units. */
const MAX_LENGTH = 400_000;
const MAX_OPEN = 1000;

const VOID = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
]);

/**
 * HTML that a parser can read in linear time. Parsers search their stack of open elements at every end tag, so
 * thousands of tags that never close cost minutes; whatever was meant by them, only the words are kept.
 */
export function untangle(html: string): string {
  const text = html.slice(0, MAX_LENGTH);
  return isTangled(text) ? text.replace(/<[^<>]*>/g, ' ') : text;
}

function isTangled(html: string): boolean {
  const open = new Map<string, number>();
  let total = 0;
  for (const [, slash, tag = ''] of html.matchAll(/<(\/?)([a-z][^\s/>]{0,30})/gi)) {
    const name = tag.toLowerCase();
    if (VOID.has(name)) continue;
    const before = open.get(name) ?? 0;
    const change = slash === '' ? 1 : before > 0 ? -1 : 0;
    open.set(name, before + change);
    total += change;
    if (total > MAX_OPEN) return true;
  }
  return false;
}
