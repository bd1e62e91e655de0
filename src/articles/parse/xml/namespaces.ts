/** Prefix to namespace address, as declared in scope; '' is the default namespace. */
export type Namespaces = Readonly<Record<string, string>>;

/** Addresses are matched by what they contain: feeds get slashes, schemes and versions of them wrong. */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [/purl\.org\/dc\/elements/i, 'dc'],
  [/purl\.org\/dc\/terms/i, 'dcterms'],
  [/purl\.org\/rss\/1\.0\/modules\/content/i, 'content'],
  [/purl\.org\/rss\/1\.0\/modules\//i, 'module'],
  [/w3\.org\/2005\/atom|purl\.org\/atom\//i, 'atom'],
  [/search\.yahoo\.com\/mrss|video\.search\.yahoo/i, 'media'],
  [/itunes\.com\/dtds/i, 'itunes'],
  [/rssnamespace\.org\/feedburner/i, 'feedburner'],
  [/w3\.org\/1999\/xhtml/i, 'xhtml'],
  [/w3\.org\/1998\/Math/i, 'mathml'],
  [/w3\.org\/1999\/02\/22-rdf/i, 'rdf'],
  [/purl\.org\/(?:rss\/1\.0|net\/rss1\.1)|netscape\.com\/rdf|userland\.com\/rss|harvard\.edu\/.*rss/i, ''],
];

/**
 * The module that an element or attribute belongs to, '' for the feed's own vocabulary. A prefix nobody declared means
 * what it usually means; a default namespace that nobody knows is the feed's own when the root has it, and foreign otherwise.
 */
export function namespaceModule(prefix: string, declared: Namespaces, ofRoot: string | undefined): string {
  const address = Object.hasOwn(declared, prefix) ? declared[prefix] : undefined;
  if (address === undefined || address === '') return prefix;
  const known = MODULES.find(([pattern]) => pattern.test(address));
  if (known) return known[1];
  return prefix !== '' || address === ofRoot ? prefix : 'foreign';
}

/** What an element declares, added to what is in scope around it. */
export function declareNamespaces(
  attributes: Readonly<Record<string, string>>,
  wider: Namespaces,
): Namespaces {
  const own = Object.entries(attributes).filter(([name]) => /^xmlns(?::|$)/.test(name));
  if (own.length === 0) return wider;
  const named = own.map(([name, address]) => [name.slice('xmlns:'.length), address.trim()] as const);
  return { ...wider, ...Object.fromEntries(named) };
}
