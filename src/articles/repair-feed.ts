const ROOT = /<(?:[\w-]+:)?(?:rss|feed|rdf)(?:\s[^<>]*)?>/i;
const ITEM = /<((?:[\w-]+:)?(?:item|entry))(?:\s[^<>]*)?>[^]*?<\/\1\s*>/gi;
const FACT =
  /<(title|link|description|language|subtitle|id)(?:\s[^<>]*)?(?:\/>|>(?:[^<]|<!\[CDATA\[[^]*?\]\]>)*<\/\1\s*>)/gi;

/**
 * The XML from its root element on, clean of control characters. What came before (a byte order mark, warnings of a
 * script, comments, a DOCTYPE with entities) is of no use and some of it is dangerous (S37).
 */
export function trimToRoot(xml: string): string {
  const text = xml.replace(/(?![\t\n\r\u0080-\u009f])\p{Cc}/gu, '');
  const prolog = /^(?:\s|\ufeff|<\?[^]*?\?>|<!--[^]*?-->)*/.exec(text)?.[0].length ?? 0;
  const root = text.slice(prolog).search(ROOT);
  return root < 0 ? text.trim() : text.slice(prolog + root);
}

/**
 * A feed that no parser takes, rebuilt from its root element, a few facts about itself and every item that is whole
 * and parses alone. Undefined when nothing of a feed is left.
 */
export function repairFeed(xml: string, parses: (xml: string) => boolean): string | undefined {
  const root = ROOT.exec(xml)?.[0];
  if (root === undefined) return undefined;
  const wrap = (inside: string) => wrapInRoot(root, inside);
  const items = [...xml.matchAll(ITEM)].map(([item]) => item).slice(0, 500);
  const sound = items.filter((item) => parses(wrap(item)));
  const facts = findFacts(xml).filter((fact) => parses(wrap(fact)));
  return facts.length + sound.length === 0 ? undefined : wrap([...facts, ...sound].join('\n'));
}

function findFacts(xml: string): string[] {
  const firstItem = xml.search(/<(?:[\w-]+:)?(?:item|entry)[\s>]/i);
  const head = xml.slice(0, firstItem < 0 ? 20_000 : Math.min(firstItem, 20_000));
  return [...head.matchAll(FACT)].map(([fact]) => fact);
}

function wrapInRoot(root: string, inside: string): string {
  const open = root.replace(/\/>$/, '>');
  const name = /^<([\w:-]+)/.exec(open)?.[1] ?? '';
  const isRss = /rss$/i.test(name);
  return isRss ? `${open}<channel>${inside}</channel></${name}>` : `${open}${inside}</${name}>`;
}
