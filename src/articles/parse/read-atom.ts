import { absoluteUrl } from '../clean/absolute-url.js';
import type { RawFeed, RawItem } from './feed-item.js';
import type { Markup } from './markup.js';
import { atomText } from './read-atom-text.js';
import { readDate } from './read-date.js';
import { enclosureImages, mediaRssImages } from './media-images.js';
import { xmlBaseOf, languageOf } from './xml/base.js';
import { childOf, childrenOf, childText, textOf, type XmlNode } from './xml/node.js';
import { documentBase, atomLink, hubLinks, relationOf } from './link-elements.js';
import { personNames } from './authors-and-categories.js';

/** Atom 0.3 and 1.0 (RFC 4287). Relative links are resolved against xml:base, else the feed's own address. */
export function readAtom(feed: XmlNode, url: string): RawFeed {
  const links = childrenOf(feed, 'link', 'atom:link');
  const document = documentBase(url, links);
  const siteUrl = atomLink(childrenOf(feed, 'link'), 'alternate', document);
  return {
    title: atomText(childOf(feed, 'title')),
    siteUrl,
    description: atomText(childOf(feed, 'subtitle', 'tagline')),
    language: languageOf(feed) ?? childText(feed, 'dc:language', 'language'),
    ...hubLinks(links, document),
    items: childrenOf(feed, 'entry', 'item').map((entry) => readEntry(entry, feed, document ?? siteUrl)),
  };
}

function readEntry(entry: XmlNode, feed: XmlNode, document: string | undefined): RawItem {
  const links = childrenOf(entry, 'link');
  const contentNode = childOf(entry, 'content');
  const content = atomText(contentNode);
  const body = content === undefined ? childOf(entry, 'summary') : contentNode;
  const id = childText(entry, 'id', 'guid', 'atom:id');
  const linkBase = xmlBaseOf(entry, document) ?? document;
  return {
    id,
    link:
      absoluteUrl(childText(entry, 'feedburner:origlink', 'pheedo:origlink'), linkBase) ??
      atomLink(links, 'alternate', document) ??
      atomLink(links, 'self', document) ??
      absoluteUrl(contentNode?.attributes['src'], xmlBaseOf(contentNode, document) ?? document) ??
      absoluteUrl(id, undefined),
    givenLink: links.find((link) => relationOf(link) === 'alternate')?.attributes['href'],
    linkBase,
    title: atomText(childOf(entry, 'title', 'dc:title', 'media:title')),
    summary: atomText(childOf(entry, 'summary', 'dc:description', 'description')) ?? mediaDescription(entry),
    content: content ?? atomText(childOf(entry, 'content:encoded')),
    contentBase: xmlBaseOf(body, document),
    authors: findAuthors(entry, feed),
    images: [...mediaRssImages(entry), ...enclosureImages(enclosures(links))],
    categories: findCategories(entry),
    published: readDate(entry, 'published', 'issued', 'created', 'dc:date', 'pubdate'),
    updated: readDate(entry, 'updated', 'modified', 'dcterms:modified'),
  };
}

function mediaDescription(entry: XmlNode): Markup | undefined {
  const description = childText(childOf(entry, 'media:group') ?? entry, 'media:description');
  return description === undefined ? undefined : { text: description, kind: 'unsure' };
}

/** An entry without authors has those of its source, then those of the feed (RFC 4287 4.2.1). */
function findAuthors(entry: XmlNode, feed: XmlNode): (string | undefined)[] {
  const own = [...personNames(entry), ...childrenOf(entry, 'dc:creator').map(textOf)];
  if (own.length > 0) return own;
  const source = personNames(childOf(entry, 'source'));
  if (source.length > 0) return source;
  return [...personNames(feed), ...childrenOf(feed, 'dc:creator').map(textOf)];
}

function categoryName(node: XmlNode): string | undefined {
  const { label, term } = node.attributes;
  return [label, term].find((name) => name !== undefined && name.trim() !== '') ?? textOf(node);
}

/** Google's own kinds of documents are no categories. */
function findCategories(entry: XmlNode): (string | undefined)[] {
  const own = childrenOf(entry, 'category').filter(
    ({ attributes }) => !attributes['scheme']?.endsWith('#kind'),
  );
  const names = own.map((node) => categoryName(node));
  return [...names, ...childrenOf(entry, 'dc:subject').map(textOf)];
}

function enclosures(links: XmlNode[]): { url?: string; type?: string }[] {
  const found = links.filter((link) => relationOf(link) === 'enclosure');
  return found.map(({ attributes: { href, type } }) => ({
    ...(href && { url: href }),
    ...(type && { type }),
  }));
}
