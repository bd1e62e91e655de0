import { absoluteUrl } from '../clean/absolute-url.js';
import type { RawFeed, RawItem } from './feed-item.js';
import type { Markup } from './markup.js';
import { parseFeedDate } from './parse-date.js';
import { enclosureImages } from './media-images.js';

type Json = Record<string, unknown>;

/** JSON Feed 1.0 and 1.1. Members of the wrong type count as absent. Undefined when this is other JSON. */
export function readJsonFeed(text: string, url: string): RawFeed | undefined {
  const feed = parseJson(text);
  const named = /jsonfeed\.org/.test(readString(feed?.['version']) ?? '');
  if (feed === undefined || (!named && !Array.isArray(feed['items']))) return undefined;
  const document = absoluteUrl(url, undefined) ?? readString(feed['feed_url']);
  const siteUrl = absoluteUrl(readString(feed['home_page_url']), document);
  return {
    title: readPlainText(feed['title']),
    siteUrl,
    description: readProse(feed['description']),
    language: readString(feed['language']),
    hub: readString(
      readObjects(feed['hubs']).find(({ type }) => readString(type)?.toLowerCase() === 'websub')?.['url'],
    ),
    self: readString(feed['feed_url']),
    items: readObjects(feed['items']).map((item) => readItem(item, feed, siteUrl ?? document)),
  };
}

/** An id of more digits than a number holds would become that of its neighbours. */
const LONG_ID = /(?<="id"\s{0,9}:\s{0,9})(\d{16,100})(?=\s*[,}])/g;

function parseJson(text: string): Json | undefined {
  try {
    return readObject(JSON.parse(text.replace(LONG_ID, '"$1"')));
  } catch {
    return undefined;
  }
}

function readItem(item: Json, feed: Json, linkBase: string | undefined): RawItem {
  const html = readString(item['content_html']);
  return {
    id: readString(item['id']),
    link: readString(item['url']) ?? readString(item['external_url']),
    givenLink: readString(item['url']) ?? readString(item['external_url']),
    linkBase,
    title: readPlainText(item['title']),
    summary: readProse(item['summary']),
    content: html === undefined ? readPlainText(item['content_text']) : { text: html, kind: 'html' },
    contentBase: undefined,
    authors: readAuthors(item).length > 0 ? readAuthors(item) : readAuthors(feed),
    images: [readString(item['image']), readString(item['banner_image']), ...attachedImages(item)],
    categories: readList(item['tags']).map(readString),
    published: parseFeedDate(readString(item['date_published'])),
    updated: parseFeedDate(readString(item['date_modified'])),
  };
}

function attachedImages(item: Json): (string | undefined)[] {
  const attached = readObjects(item['attachments']).map((one) => ({
    url: readString(one['url']) ?? '',
    type: readString(one['mime_type']) ?? '',
  }));
  return enclosureImages(attached);
}

/** Version 1.0 had one author, 1.1 has several. */
function readAuthors(part: Json): string[] {
  return [...readObjects(part['authors']), ...readObjects([part['author']])].flatMap(
    ({ name }) => readString(name) ?? [],
  );
}

function readPlainText(value: unknown): Markup | undefined {
  const text = readString(value);
  return text === undefined ? undefined : { text, kind: 'text' };
}

/** Plain text by the standard; some write paragraphs of HTML all the same. */
function readProse(value: unknown): Markup | undefined {
  const text = readString(value);
  if (text === undefined) return undefined;
  return { text, kind: /<\/(?:p|div|a|em|strong|ul)>/i.test(text) ? 'html' : 'text' };
}

function readString(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function readObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function readObjects(value: unknown): Json[] {
  return readList(value)
    .map(readObject)
    .filter((one) => one !== undefined);
}

function readList(value: unknown): unknown[] {
  // One more article than is read shows that there are more.
  return Array.isArray(value) ? value.slice(0, 501) : [];
}
