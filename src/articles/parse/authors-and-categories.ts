import { childrenOf, textOf, type XmlNode, childText, hasElements } from './xml/node.js';

type OptionalNames = (string | undefined)[];

const EMAIL_ADDRESS = String.raw`[^\s@<>()"]+@[^\s@<>()"]+`;

/** RSS asks for `name@host (Name)`; people write `Name (name@host)`, and mail programs `"Name" <name@host>`. */
const MAILBOXES = [
  new RegExp(String.raw`^(?<address>${EMAIL_ADDRESS})\s*\((?<name>.*)\)$`),
  new RegExp(String.raw`^(?<name>.*?)\s*\((?<address>${EMAIL_ADDRESS})\)$`),
  new RegExp(String.raw`^"?(?<name>[^"<>]*?)"?\s*<(?<address>${EMAIL_ADDRESS})>$`),
];

/** Who wrote an item of RSS: Dublin Core before RSS's own, because that one asks for an address. */
export function rssAuthors(item: XmlNode): OptionalNames {
  const kinds = [
    childrenOf(item, 'dc:creator').map(textOf),
    personNames(item),
    childrenOf(item, 'dc:author').map(textOf),
    childrenOf(item, 'itunes:author', 'dc:contributor').map(textOf),
  ];
  const given = kinds.find((names) => names.some((name) => name !== undefined)) ?? [];
  return given.map((name) => name && mailboxName(name));
}

const MAX_MAILBOX_CHARS = 500;

/** A name as it is, unless there is an address with it; the address alone where there is no name. */
function mailboxName(author: string): string {
  const text = author.trim().replace(/^mailto:/i, '');
  // A list of names, and not one mailbox.
  if (text.length > MAX_MAILBOX_CHARS) return text;
  for (const mailbox of MAILBOXES) {
    const { name, address } = mailbox.exec(text)?.groups ?? {};
    if (address !== undefined) return name?.trim() || address;
  }
  return text;
}

/** What an item of RSS is about: its categories, then the keywords that podcasts and films have instead, a list in one line. */
export function rssCategories(item: XmlNode): OptionalNames {
  const names = ['category', 'dc:subject', 'atom:category', 'itunes:category', 'media:category'];
  const categories = childrenOf(item, ...names).flatMap(flattenCategory);
  const keywords = [item, ...childrenOf(item, 'media:group')].flatMap((part) =>
    childrenOf(part, 'itunes:keywords', 'media:keywords').map(textOf),
  );
  return [...categories, ...keywords.flatMap((list) => list?.split(/[,;]/) ?? [])];
}

/** Podcasts put a category into a wider one. */
function flattenCategory(node: XmlNode): OptionalNames {
  const { text, label, term } = node.attributes;
  return [
    text ?? label ?? textOf(node) ?? term,
    ...childrenOf(node, 'itunes:category').flatMap(flattenCategory),
  ];
}

/** The names of an element's authors; the address of one without a name. */
export function personNames(node: XmlNode | undefined): string[] {
  return childrenOf(node, 'author', 'atom:author').flatMap((author) => {
    const name = childText(author, 'name', 'atom:name') ?? childText(author, 'email', 'atom:email');
    return name ?? (hasElements(author) ? [] : (textOf(author) ?? []));
  });
}
