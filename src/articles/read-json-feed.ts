import { absoluteUrl } from './absolute-url.js';
import type { RawFeed, RawItem } from './feed-item.js';
import type { Markup } from './markup.js';
import { parseFeedDate } from './parse-feed-date.js';
import { enclosedImages } from './read-media.js';

type Json = Record<string, unknown>;

/** JSON Feed 1.0 and 1.1. Members of the wrong type count as absent. Undefined when this is other JSON. */
export function readJsonFeed(text: string, url: string): RawFeed | undefined {
  const feed = parse(text);
  const named = /jsonfeed\.org/.test(word(feed?.['version']) ?? '');
  if (feed === undefined || (!named && !Array.isArray(feed['items']))) return undefined;
  const document = absoluteUrl(url, undefined) ?? word(feed['feed_url']);
  const siteUrl = absoluteUrl(word(feed['home_page_url']), document);
  return {
    title: plain(feed['title']),
    siteUrl,
    description: prose(feed['description']),
    language: word(feed['language']),
    hub: word(objects(feed['hubs']).find(({ type }) => word(type)?.toLowerCase() === 'websub')?.['url']),
    self: word(feed['feed_url']),
    items: objects(feed['items']).map((item) => readItem(item, feed, siteUrl ?? document)),
  };
}

/** An id of more digits than a number holds would become that of its neighbours. */
const LONG_ID = /(?<="id"\s{0,9}:\s{0,9})(\d{16,100})(?=\s*[,}])/g;

function parse(text: string): Json | undefined {
  try {
    return object(JSON.parse(text.replace(LONG_ID, '"$1"')));
  } catch {
    return undefined;
  }
}

function readItem(item: Json, feed: Json, linkBase: string | undefined): RawItem {
  const html = word(item['content_html']);
  return {
    id: word(item['id']),
    link: word(item['url']) ?? word(item['external_url']),
    linkBase,
    title: plain(item['title']),
    summary: prose(item['summary']),
    content: html === undefined ? plain(item['content_text']) : { text: html, kind: 'html' },
    contentBase: undefined,
    authors: authorsOf(item).length > 0 ? authorsOf(item) : authorsOf(feed),
    images: [word(item['image']), word(item['banner_image']), ...attachedImages(item)],
    categories: list(item['tags']).map(word),
    published: parseFeedDate(word(item['date_published'])),
    updated: parseFeedDate(word(item['date_modified'])),
  };
}

function attachedImages(item: Json): (string | undefined)[] {
  const attached = objects(item['attachments']).map((one) => ({
    url: word(one['url']) ?? '',
    type: word(one['mime_type']) ?? '',
  }));
  return enclosedImages(attached);
}

/** Version 1.0 had one author, 1.1 has several. */
function authorsOf(part: Json): string[] {
  return [...objects(part['authors']), ...objects([part['author']])].flatMap(({ name }) => word(name) ?? []);
}

function plain(value: unknown): Markup | undefined {
  const text = word(value);
  return text === undefined ? undefined : { text, kind: 'text' };
}

/** Plain text by the standard; some write paragraphs of HTML all the same. */
function prose(value: unknown): Markup | undefined {
  const text = word(value);
  if (text === undefined) return undefined;
  return { text, kind: /<\/(?:p|div|a|em|strong|ul)>/i.test(text) ? 'html' : 'text' };
}

function word(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function objects(value: unknown): Json[] {
  return list(value)
    .map(object)
    .filter((one) => one !== undefined);
}

function list(value: unknown): unknown[] {
  // One more article than is read shows that there are more.
  return Array.isArray(value) ? value.slice(0, 501) : [];
}
