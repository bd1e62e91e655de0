import { tokeniseXml, type XmlToken } from './tokenise.js';
import type { DtdEntities } from './dtd-entities.js';
import { declareNamespaces, namespaceModule, type Namespaces } from './namespaces.js';
import type { XmlNode } from './node.js';

const MAX_DEPTH = 100;
const MAX_ELEMENTS = 300_000;

/** Where articles stand, and the articles themselves. */
const CONTAINERS = new Set(['rss', 'channel', 'feed', 'rdf:rdf', 'items']);
const ARTICLE_ELEMENTS = new Set(['item', 'entry']);

/** Elements that hold one word or address: one of the others opening inside means that its end was forgotten. */
const TEXT_ELEMENTS = new Set(
  'title link guid pubdate id updated published issued modified language copyright generator'.split(' '),
);
const TEXT_ELEMENT_SIBLINGS = new Set([
  ...TEXT_ELEMENTS,
  ...'author category content description item entry image summary'.split(' '),
]);

type OpenElement = { node: XmlNode; raw: string; declared: Namespaces };
type TreeState = {
  root: XmlNode | undefined;
  open: OpenElement[];
  /** The module of the feed's own words, and the root's default namespace. */
  coreModule: string;
  rootNamespace: string | undefined;
  elements: number;
  articles: number;
  repaired: boolean;
  tooDeep: boolean;
};

/**
 * `repaired` is true when tags did not match, and some element had to be closed where it seemed to end; `tooDeep` when
 * elements stood in more than 100 others.
 */
export type XmlTree = { root: XmlNode | undefined; repaired: boolean; tooDeep: boolean };

/**
 * The first element of some XML and what is in it, whatever its state. Missing end tags are put where an article or
 * its holder ends. Reading stops after `maxArticles` articles, and when there is more of it than a feed has.
 */
export function buildTree(xml: string, maxArticles: number, own?: DtdEntities): XmlTree {
  const tree = emptyTree();
  for (const token of tokeniseXml(xml, own)) {
    addToken(tree, token);
    const done = tree.open.length === 0 && tree.root !== undefined;
    if (done || tree.articles > maxArticles || tree.elements > MAX_ELEMENTS) break;
  }
  if (tree.articles <= maxArticles) dropTruncated(tree);
  return {
    root: tree.root,
    // Below the deepest that is kept, ends have lost their beginnings.
    repaired: !tree.tooDeep && (tree.repaired || (tree.open.length > 0 && tree.articles <= maxArticles)),
    tooDeep: tree.tooDeep,
  };
}

function emptyTree(): TreeState {
  return {
    root: undefined,
    open: [],
    coreModule: '',
    rootNamespace: undefined,
    elements: 0,
    articles: 0,
    repaired: false,
    tooDeep: false,
  };
}

/** An article whose words end in the middle is left for the next time: it would be mailed as half of itself. */
function dropTruncated(tree: TreeState): void {
  const { open } = tree;
  const at = open.findLastIndex(({ node }) => ARTICLE_ELEMENTS.has(node.name));
  if (at < 0 || at === open.length - 1) return;
  if (at === 0) tree.root = undefined;
  else open[at - 1]?.node.children.pop();
}

function addToken(tree: TreeState, token: XmlToken): void {
  if (token.kind === 'start') startElement(tree, token);
  else if (token.kind === 'end') endElement(tree, token.name);
  else tree.open.at(-1)?.node.children.push(token.text);
}

function startElement(tree: TreeState, token: Extract<XmlToken, { kind: 'start' }>): void {
  const declared = declareNamespaces(token.attributes, tree.open.at(-1)?.declared ?? {});
  const name = elementName(tree, token.name, declared);
  // An article of no words inside another is a slip of somebody's template.
  const isArticle = ARTICLE_ELEMENTS.has(name) && !token.closed;
  if (isArticle) closeBeforeArticle(tree, name);
  else if (TEXT_ELEMENT_SIBLINGS.has(name) && TEXT_ELEMENTS.has(tree.open.at(-1)?.node.name ?? ''))
    closeTo(tree, tree.open.length - 1);
  const parent = tree.open.at(-1)?.node;
  const node: XmlNode = { name, attributes: token.attributes, children: [], parent };
  tree.root ??= node;
  tree.elements += 1;
  if (isArticle) tree.articles += 1;
  parent?.children.push(node);
  if (token.closed) return;
  if (tree.open.length < MAX_DEPTH) tree.open.push({ node, raw: token.name, declared });
  else tree.tooDeep = true;
}

function elementName(tree: TreeState, raw: string, declared: Namespaces): string {
  const colon = raw.indexOf(':');
  const local = raw.slice(colon + 1);
  if (tree.root === undefined) tree.rootNamespace = declared[''];
  const module = namespaceModule(raw.slice(0, Math.max(0, colon)), declared, tree.rootNamespace);
  // In an Atom feed Atom's words are the feed's own; in RSS they are guests.
  if (tree.root === undefined && local !== 'rdf') tree.coreModule = module;
  return module === '' || module === tree.coreModule ? local : `${module}:${local}`;
}

/** Articles hold no articles, and everything else that is open beside them was forgotten; content may quote a feed. */
function closeBeforeArticle(tree: TreeState, name: string): void {
  const names = tree.open.map(({ node }) => node.name);
  if (name === 'entry' && names.includes('content')) return;
  const holder = names.findLastIndex((open) => CONTAINERS.has(open));
  if (holder >= 0) closeTo(tree, holder + 1);
}

function endElement(tree: TreeState, raw: string): void {
  const at = tree.open.findLastIndex((open) => open.raw === raw);
  if (at < 0) {
    tree.repaired = true;
    return;
  }
  closeTo(tree, at + 1);
  tree.open.length = at;
}

function closeTo(tree: TreeState, depth: number): void {
  if (tree.open.length > depth) tree.repaired = true;
  tree.open.length = depth;
}
