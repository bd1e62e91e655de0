import { personNames } from './read-atom.js';
import { childrenOf, textOf, type XmlNode } from './xml-node.js';

type Names = (string | undefined)[];

const ADDRESS = String.raw`[^\s@<>()"]+@[^\s@<>()"]+`;

/** RSS asks for `name@host (Name)`; people write `Name (name@host)`, and mail programs `"Name" <name@host>`. */
const MAILBOXES = [
  new RegExp(String.raw`^(?<address>${ADDRESS})\s*\((?<name>.*)\)$`),
  new RegExp(String.raw`^(?<name>.*?)\s*\((?<address>${ADDRESS})\)$`),
  new RegExp(String.raw`^"?(?<name>[^"<>]*?)"?\s*<(?<address>${ADDRESS})>$`),
];

/** Who wrote an item of RSS: Dublin Core before RSS's own, because that one asks for an address. */
export function rssAuthors(item: XmlNode): Names {
  const kinds = [
    childrenOf(item, 'dc:creator').map(textOf),
    personNames(item),
    childrenOf(item, 'dc:author').map(textOf),
    childrenOf(item, 'itunes:author', 'dc:contributor').map(textOf),
  ];
  const told = kinds.find((names) => names.some((name) => name !== undefined)) ?? [];
  return told.map((name) => name && nameInMailbox(name));
}

/** A name as it is, unless there is an address with it; the address alone where there is no name. */
function nameInMailbox(author: string): string {
  const text = author
    .slice(0, 500)
    .trim()
    .replace(/^mailto:/i, '');
  for (const mailbox of MAILBOXES) {
    const { name, address } = mailbox.exec(text)?.groups ?? {};
    if (address !== undefined) return name?.trim() || address;
  }
  return text;
}

/** What an item of RSS is about. Keywords are written for search engines, and are no categories. */
export function rssCategories(item: XmlNode): Names {
  const names = ['category', 'dc:subject', 'atom:category', 'itunes:category', 'media:category'];
  return childrenOf(item, ...names).flatMap(withinCategory);
}

/** Podcasts put a category into a wider one. */
function withinCategory(node: XmlNode): Names {
  const { text, label, term } = node.attributes;
  return [
    text ?? label ?? textOf(node) ?? term,
    ...childrenOf(node, 'itunes:category').flatMap(withinCategory),
  ];
}
