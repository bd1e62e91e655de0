import { absoluteUrl, repairedUrl } from '../clean/absolute-url.js';
import type { RawFeed, RawItem } from './feed-item.js';
import type { Markup } from './markup.js';
import { atomText } from './read-atom-text.js';
import { parseFeedDate } from './parse-date.js';
import { readDate } from './read-date.js';
import { enclosureImages, mediaRssImages } from './media-images.js';
import { rssAuthors, rssCategories } from './authors-and-categories.js';
import { xmlBaseOf, languageOf } from './xml/base.js';
import { childOf, childrenOf, childText, innerHtml, textOf, type XmlNode } from './xml/node.js';
import { atomLink, hubLinks, documentBase } from './link-elements.js';

/**
 * RSS 0.9x, 1.0 (RDF) and 2.0, with items in the channel or beside it, and the channel definition format before them.
 * Relative links are resolved against xml:base, else the channel's link, else the feed's own address.
 */
export function readRss(root: XmlNode, url: string): RawFeed {
  const channel = childOf(root, 'channel') ?? root;
  const atomLinks = childrenOf(channel, 'atom:link');
  const document = documentBase(url, atomLinks);
  const siteUrl =
    elementLink(channel, 'link', document) ??
    atomLink(atomLinks, 'alternate', document) ??
    absoluteUrl(channel.attributes['rdf:about'] ?? channel.attributes['href'], undefined);
  const holders = channel === root ? [root] : [channel, root];
  const items = holders.flatMap((holder) => [holder, ...childrenOf(holder, 'items')]);
  return {
    title: readMarkup(channel, 'title', 'dc:title', 'atom:title', 'itunes:title'),
    siteUrl,
    description: readMarkup(
      channel,
      'description',
      'abstract',
      'dc:description',
      'itunes:summary',
      'itunes:subtitle',
    ),
    language: childText(channel, 'language', 'dc:language') ?? languageOf(channel),
    ...hubLinks(atomLinks, document),
    items: items
      .flatMap((holder) => childrenOf(holder, 'item'))
      .map((item) => readItem(item, { siteUrl, document })),
  };
}

type LinkContext = { siteUrl: string | undefined; document: string | undefined };

function readItem(item: XmlNode, { siteUrl, document }: LinkContext): RawItem {
  const linkBase = xmlBaseOf(item, document) ?? siteUrl ?? document;
  const description = readMarkup(item, 'description', 'abstract');
  const summary = readMarkup(item, 'atom:summary', 'summary');
  // Of two that tell what it is about, the longer is the article.
  const [shorter, longer] =
    summary && description ? byLength(summary, description) : [summary ?? description];
  const content =
    readMarkup(item, 'content:encoded', 'encoded', 'xhtml:body', 'body', 'fullitem', 'payload') ??
    atomText(childOf(item, 'atom:content', 'content')) ??
    longer;
  return {
    id: childText(item, 'guid', 'atom:id', 'id') ?? item.attributes['rdf:about'],
    link: findLink(item, linkBase),
    givenLink: childText(item, 'link') ?? childrenOf(item, 'atom:link', 'link')[0]?.attributes['href'],
    linkBase,
    title: readMarkup(item, 'title', 'atom:title', 'dc:title', 'itunes:title', 'media:title'),
    summary: shorter ?? fallbackSummary(item),
    content,
    contentBase: xmlBaseOf(childOf(item, 'content:encoded', 'description') ?? item, document),
    authors: rssAuthors(item),
    images: findImages(item),
    categories: rssCategories(item),
    published: readDate(
      item,
      'pubdate',
      'atom:published',
      'dc:date',
      'dcterms:issued',
      'dcterms:created',
      'published',
      'date',
    ),
    updated:
      readDate(item, 'atom:updated', 'dcterms:modified', 'updated', 'modified') ??
      parseFeedDate(item.attributes['lastmod']),
  };
}

/** A redirect that counts clicks is worth less than the page it leads to, and the services that offered it are dying. */
function findLink(item: XmlNode, base: string | undefined): string | undefined {
  const guid = childOf(item, 'guid');
  const isPermaLink = guid?.attributes['ispermalink']?.trim().toLowerCase() !== 'false';
  return (
    repairedUrl(childText(item, 'feedburner:origlink', 'pheedo:origlink'), base) ??
    elementLink(item, 'link', base) ??
    atomLink(childrenOf(item, 'atom:link'), 'alternate', base) ??
    (isPermaLink
      ? absoluteUrl(textOf(guid), guid?.attributes['ispermalink'] ? base : undefined)
      : undefined) ??
    absoluteUrl(item.attributes['rdf:about'], undefined) ??
    absoluteUrl(item.attributes['href'], base) ??
    absoluteUrl(enclosedMediaUrl(item), base)
  );
}

/** An episode without a page of its own is the recording itself. */
function enclosedMediaUrl(item: XmlNode): string | undefined {
  const enclosed = childrenOf(item, 'enclosure').map(({ attributes }) => attributes);
  return enclosed.find(({ type = '' }) => /^(?:audio|video)\//i.test(type))?.['url'];
}

function elementLink(node: XmlNode, name: string, base: string | undefined): string | undefined {
  for (const link of childrenOf(node, name)) {
    const rel = link.attributes['rel'] ?? 'alternate';
    const href = textOf(link) ?? (rel === 'alternate' ? link.attributes['href'] : undefined);
    const url = repairedUrl(href, xmlBaseOf(link, base) ?? base);
    if (url !== undefined) return url;
  }
  return undefined;
}

function byLength(...both: Markup[]): Markup[] {
  return both.toSorted((a, b) => a.text.length - b.text.length);
}

function fallbackSummary(item: XmlNode): Markup | undefined {
  return (
    readMarkup(item, 'dc:description', 'itunes:summary', 'itunes:subtitle') ??
    readMarkup(childOf(item, 'media:group') ?? item, 'media:description')
  );
}

function findImages(item: XmlNode): (string | undefined)[] {
  const itunes = childrenOf(item, 'itunes:image').map(
    (image) => image.attributes['href'] ?? image.attributes['url'] ?? textOf(image),
  );
  const own = childrenOf(item, 'image').map((image) => childText(image, 'url') ?? textOf(image));
  const enclosed = childrenOf(item, 'enclosure').map(({ attributes }) => attributes);
  return [...mediaRssImages(item), ...enclosureImages(enclosed), ...itunes, ...own];
}

/** RSS never says whether it means HTML, but everybody reads it as HTML. */
function readMarkup(node: XmlNode, ...names: string[]): Markup | undefined {
  for (const name of names) {
    const found = childOf(node, name);
    const text = found && innerHtml(found, found.name.startsWith('xhtml:') ? 'xhtml' : 'escaped');
    if (text !== undefined && text.trim() !== '') return { text, kind: 'html' };
  }
  return undefined;
}
