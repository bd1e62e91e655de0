import type { AtomFeed } from 'feedsmith';
import { absoluteUrl, nestedBase } from './absolute-url.js';
import type { RawFeed, RawItem } from './feed-item.js';
import type { Markup } from './markup.js';
import { enclosedImages, mediaImages } from './read-media.js';

type Entry = AtomFeed.Entry<string>;
type Link = { href?: string; rel?: string; type?: string; length?: number };
type Text = { value?: string; type?: string; xml?: { base?: string } };

/** Atom 0.3 and 1.0 (RFC 4287). Relative links hang on xml:base, else on the feed's own address. */
export function readAtom(feed: AtomFeed.Feed<string>, url: string): RawFeed {
  const base = nestedBase(feed.xml?.base, documentBase(url, feed.links));
  const siteUrl = absoluteUrl(atomLink(feed.links, 'alternate'), base);
  return {
    title: markup(feed.title),
    siteUrl,
    description: markup(feed.subtitle),
    language: feed.xml?.lang ?? feed.dc?.languages?.[0],
    items: (feed.entries ?? []).map((entry) => readEntry(entry, feed, base ?? siteUrl)),
  };
}

/** The href of the best link of this relation (RFC 4287 4.2.7): for people before machines; no rel means alternate. */
export function atomLink(links: Link[] | undefined, rel: string): string | undefined {
  const fitting = (links ?? []).filter((link) => (link.rel ?? 'alternate').toLowerCase() === rel);
  const forPeople = fitting.find(({ type }) => type === undefined || /html/i.test(type));
  return (forPeople ?? fitting[0])?.href;
}

/** A feed that was read from a file has no address of its own; what it says about itself is the next best. */
export function documentBase(url: string, links: Link[] | undefined): string | undefined {
  return absoluteUrl(url, undefined) ?? absoluteUrl(atomLink(links, 'self'), undefined);
}

function readEntry(entry: Entry, feed: AtomFeed.Feed<string>, wider: string | undefined): RawItem {
  const linkBase = nestedBase(entry.xml?.base, wider);
  const body = readableContent(entry.content) ?? entry.summary;
  const hasBase = [feed.xml?.base, entry.xml?.base, body?.xml?.base].some(
    (base) => base !== undefined && base !== '',
  );
  return {
    id: entry.id,
    link:
      atomLink(entry.links, 'alternate') ?? atomLink(entry.links, 'self') ?? absoluteUrl(entry.id, undefined),
    linkBase,
    title: markup(entry.title) ?? markup(entry.media?.title),
    summary: markup(entry.summary) ?? markup(entry.media?.groups?.[0]?.description),
    content: markup(readableContent(entry.content)),
    contentBase: hasBase ? nestedBase(body?.xml?.base, linkBase) : undefined,
    authors: findAuthors(entry, feed),
    images: [...mediaImages(entry.media), ...enclosedImages(enclosures(entry.links))],
    categories: [...(entry.categories ?? []).map(categoryName), ...(entry.dc?.subjects ?? [])],
    published: entry.published ?? entry.dc?.dates?.[0],
    updated: entry.updated,
  };
}

/** Content may be a picture in base64 or lie elsewhere (RFC 4287 4.1.3); only words are content here. */
function readableContent(content: Text | undefined): Text | undefined {
  const type = content?.type?.toLowerCase() ?? 'text';
  return content?.value && /^(?:text|html|xhtml|text\/.*|application\/xhtml\+xml)$/.test(type)
    ? content
    : undefined;
}

function markup(text: Text | undefined): Markup | undefined {
  if (text?.value === undefined) return undefined;
  const type = text.type?.toLowerCase();
  if (type === undefined) return { text: text.value, kind: 'unsure' };
  return { text: text.value, kind: /html/.test(type) ? 'html' : 'text' };
}

/** An entry without authors has those of its source, then those of the feed (RFC 4287 4.2.1). */
function findAuthors(entry: Entry, feed: AtomFeed.Feed<string>): (string | undefined)[] {
  const persons = entry.authors ?? entry.source?.authors ?? feed.authors ?? [];
  const names = persons.map(({ name, email }) => name ?? email);
  return names.length > 0 ? names : (entry.dc?.creators ?? []);
}

function categoryName({ label, term, scheme }: AtomFeed.Category): string | undefined {
  return scheme?.endsWith('#kind') ? undefined : (label ?? term);
}

function enclosures(links: Link[] | undefined): { url?: string; type?: string }[] {
  const found = (links ?? []).filter(({ rel }) => rel === 'enclosure');
  return found.map(({ href, type }) => ({ ...(href && { url: href }), ...(type && { type }) }));
}
