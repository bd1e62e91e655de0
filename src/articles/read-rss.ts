import type { RdfFeed, RssFeed } from 'feedsmith';
import { absoluteUrl, nestedBase } from './absolute-url.js';
import { atomLink, documentBase } from './read-atom.js';
import type { RawFeed, RawItem } from './feed-item.js';
import type { Markup } from './markup.js';
import { enclosedImages, mediaImages } from './read-media.js';

type Item = RssFeed.Item<string>;

/** RSS 0.9x and 2.0. Relative links hang on xml:base, else on the channel's link, else on the feed's own address. */
export function readRss(feed: RssFeed.Feed<string>, url: string): RawFeed {
  const base = nestedBase(feed.xml?.base, documentBase(url, feed.atom?.links));
  const link = feed.link ?? atomLink(feed.atom?.links, 'alternate');
  const siteUrl = absoluteUrl(link, base);
  const itemBase = feed.xml?.base === undefined ? (siteUrl ?? base) : base;
  return {
    title: html(feed.title),
    siteUrl,
    description: html(feed.description ?? feed.itunes?.summary),
    language: feed.language ?? feed.dc?.languages?.[0] ?? feed.xml?.lang,
    items: (feed.items ?? []).map((item) => readItem(item, itemBase, feed.xml?.base && base)),
  };
}

/** RSS 1.0 (RDF): the same words without ids, enclosures and categories of its own. */
export function readRdf(feed: RdfFeed.Feed<string>, url: string): RawFeed {
  const { title, link, description, dc, xml, atom, items = [] } = feed;
  const asRss = items.map(({ rdf, ...item }) => ({ ...item, guid: rdf?.about ? { value: rdf.about } : {} }));
  return readRss(
    {
      items: asRss,
      ...(title && { title }),
      ...(link && { link }),
      ...(description && { description }),
      ...(dc && { dc }),
      ...(xml && { xml }),
      ...(atom && { atom }),
    },
    url,
  );
}

function readItem(item: Item, wider: string | undefined, feedBase: string | undefined): RawItem {
  const linkBase = nestedBase(item.xml?.base, wider);
  const content = item.content?.encoded ?? item.atom?.content?.value;
  const description = item.description ?? item.atom?.summary?.value ?? item.dc?.descriptions?.[0];
  return {
    id: item.guid?.value ?? item.atom?.id,
    link: findLink(item),
    linkBase,
    title: html(item.title ?? item.atom?.title?.value ?? item.dc?.titles?.[0] ?? item.itunes?.title),
    summary: html(
      description ?? item.itunes?.summary ?? item.itunes?.subtitle ?? item.media?.description?.value,
    ),
    content: html(content),
    contentBase: item.xml?.base === undefined ? feedBase : linkBase,
    authors: findAuthors(item),
    images: [...mediaImages(item.media), ...enclosedImages(item.enclosures), item.itunes?.image],
    categories: [...(item.categories ?? []).map(({ name }) => name), ...(item.dc?.subjects ?? [])],
    published: item.pubDate ?? item.atom?.published ?? item.dc?.dates?.[0] ?? item.dcterms?.created?.[0],
    updated: item.atom?.updated ?? item.dcterms?.modified?.[0],
  };
}

function findLink(item: Item): string | undefined {
  if (item.link !== undefined) return item.link;
  const atom = atomLink(item.atom?.links, 'alternate');
  if (atom !== undefined) return atom;
  return item.guid?.isPermaLink === false ? undefined : absoluteUrl(item.guid?.value, undefined);
}

function findAuthors({ authors = [], dc, atom, itunes }: Item): (string | undefined)[] {
  const creators = dc?.creators ?? [];
  if (creators.length > 0) return creators;
  const persons = [...authors, ...(atom?.authors ?? [])].map(({ name, email }) => name ?? email);
  return persons.length > 0 ? persons : [itunes?.author];
}

/** RSS never says whether it means HTML, but everybody reads it as HTML. */
function html(text: string | undefined): Markup | undefined {
  return text === undefined ? undefined : { text, kind: 'html' };
}
