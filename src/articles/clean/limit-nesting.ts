/** More HTML than any article has; the rest of it is cut. In UTF-16 units. */
const MAX_HTML_CHARS = 400_000;
const MAX_OPEN_ELEMENTS = 1000;

const VOID_ELEMENTS = new Set([
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
export function limitNesting(html: string): string {
  const text = html.slice(0, MAX_HTML_CHARS);
  return isNestedTooDeep(text) ? text.replace(/<[^<>]*>/g, ' ') : text;
}

function isNestedTooDeep(html: string): boolean {
  const open = new Map<string, number>();
  let total = 0;
  for (const [, slash, tag = ''] of html.matchAll(/<(\/?)([a-z][^\s/>]{0,30})/gi)) {
    const name = tag.toLowerCase();
    if (VOID_ELEMENTS.has(name)) continue;
    const before = open.get(name) ?? 0;
    const change = slash === '' ? 1 : before > 0 ? -1 : 0;
    open.set(name, before + change);
    total += change;
    if (total > MAX_OPEN_ELEMENTS) return true;
  }
  return false;
}
