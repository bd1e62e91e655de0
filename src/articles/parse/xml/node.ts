import { escapeHtml } from '../../../platform/text/escape-html.js';

/**
 * One element of a feed. `name` is lower case: `title` for the feed's own words, `dc:creator` for a module's,
 * `xhtml:p` and `mathml:mi` for what is known to be HTML or its formulas, `foreign:x` for what is known to be something else.
 */
export type XmlNode = {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: (XmlNode | string)[];
  parent: XmlNode | undefined;
};

const VOID_ELEMENTS = new Set(['br', 'hr', 'img', 'input', 'wbr', 'embed', 'source', 'col', 'area', 'track']);

export function childrenOf(node: XmlNode | undefined, ...names: string[]): XmlNode[] {
  const elements = (node?.children ?? []).filter((child) => typeof child !== 'string');
  return elements.filter(({ name }) => names.includes(name));
}

/** The first child of the first of these names that has one; a name's first child with words in it goes before an empty one. */
export function childOf(node: XmlNode | undefined, ...names: string[]): XmlNode | undefined {
  for (const name of names) {
    const found = childrenOf(node, name);
    if (found.length > 0) return found.find((one) => textOf(one) !== undefined) ?? found[0];
  }
  return undefined;
}

/** The words of the first of these children that has any. */
export function childText(node: XmlNode | undefined, ...names: string[]): string | undefined {
  for (const name of names) {
    const text = textOf(childOf(node, name));
    if (text !== undefined) return text;
  }
  return undefined;
}

export function hasElements(node: XmlNode): boolean {
  return node.children.some((child) => typeof child !== 'string');
}

/** All text below an element. Undefined when there is none but white space. */
export function textOf(node: XmlNode | undefined): string | undefined {
  const text = node === undefined ? '' : allText(node);
  return text.trim() === '' ? undefined : text;
}

function allText({ children }: XmlNode): string {
  return children.map((child) => (typeof child === 'string' ? child : allText(child))).join('');
}

/**
 * What is in an element, as HTML. `escaped` text is HTML source already (RSS, Atom's type="html"); the text between
 * the elements of XHTML is not. Tags of foreign vocabularies go, their words stay.
 */
export function innerHtml(node: XmlNode, text: 'escaped' | 'xhtml'): string {
  return node.children
    .map((child) => {
      if (typeof child !== 'string') return outerHtml(child, text);
      return text === 'escaped' ? child : escapeHtml(child);
    })
    .join('');
}

function outerHtml(node: XmlNode, text: 'escaped' | 'xhtml'): string {
  const [, prefix, local = ''] = /^(?:([^:]*):)?(.*)$/.exec(node.name) ?? [];
  const inside = innerHtml(node, text);
  if (prefix !== undefined && prefix !== 'xhtml' && prefix !== 'mathml') return inside;
  const open = `<${local}${htmlAttributes(node)}>`;
  return VOID_ELEMENTS.has(local) ? open + inside : `${open}${inside}</${local}>`;
}

function htmlAttributes({ attributes }: XmlNode): string {
  return Object.entries(attributes)
    .filter(([name]) => /^[a-z][\w-]*$/.test(name))
    .map(([name, value]) => ` ${name}="${escapeHtml(value)}"`)
    .join('');
}
