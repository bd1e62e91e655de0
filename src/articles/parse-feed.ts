import { withDeadline } from '../platform/deadline.js';
import { absoluteUrl } from './absolute-url.js';
import { cutText } from './clean-text.js';
import { decodeFeed } from './decode-feed.js';
import { toFeedItem, type FeedItem, type ParsedFeed, type RawFeed } from './feed-item.js';
import { markupTitle } from './markup.js';
import { readAtom } from './read-atom.js';
import { readJsonFeed } from './read-json-feed.js';
import { readRss } from './read-rss.js';
import { hasPreamble, trimToRoot } from './repair-feed.js';
import { growTree } from './xml-tree.js';

/** `url` is where the feed was found, for links relative to it; `timeoutMs` is 10 seconds. */
export type FeedSource = { url: string; contentType?: string; timeoutMs?: number };

/** `reason` is a sentence for an operator; `odd` says what had to be mended. */
export type FeedParsing =
  { kind: 'feed'; feed: ParsedFeed; odd: string[] } | { kind: 'not-a-feed'; reason: string };

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_ITEMS = 500;
const TIMEOUT_MS = 10_000;

/**
 * RSS, Atom, RDF or JSON Feed from whatever a server sent, clean and safe to store. A broken feed is repaired as far
 * as it goes. At most 5 MB, 500 items and 10 seconds; no input throws.
 */
export function parseFeed(body: Buffer, source: FeedSource): FeedParsing {
  const parsing = withDeadline(source.timeoutMs ?? TIMEOUT_MS, () => readFeed(body, source));
  return parsing.kind === 'done'
    ? parsing.value
    : notAFeed('This feed takes too long to read. It may be damaged.');
}

function readFeed(body: Buffer, { url, contentType }: FeedSource): FeedParsing {
  if (body.length === 0) return notAFeed('The answer was empty.');
  const text = decodeFeed(body, contentType, MAX_BYTES);
  if (text === undefined) return notAFeed('This is larger than 5 MB, or a damaged archive.');
  const read = /^[\s\ufeff]*\{/.test(text) ? readJson(text, url) : readXml(text, url);
  if (!read) return notAFeed(describe(text));
  const feed = clean(read.raw);
  const lost = read.raw.items.length - feed.items.length;
  const less = lost === 0 ? [] : [`${lost} left out: empty, or with the id of another`];
  return { kind: 'feed', feed, odd: [...read.odd, ...less] };
}

type Read = { raw: RawFeed; odd: string[] };

function readJson(text: string, url: string): Read | undefined {
  const raw = readJsonFeed(text.replace(/^[\s\ufeff]+/, ''), url);
  return raw && { raw, odd: [] };
}

function readXml(text: string, url: string): Read | undefined {
  const xml = trimToRoot(text);
  const { root, repaired } = xml === undefined ? {} : growTree(xml, MAX_ITEMS);
  if (root === undefined) return undefined;
  const raw = root.name === 'feed' ? readAtom(root, url) : readRss(root, url);
  // Some other file that has an element of this name.
  if (raw.title === undefined && raw.siteUrl === undefined && raw.items.length === 0) return undefined;
  const odd = [
    ...(hasPreamble(text) ? ['words before the feed were passed over'] : []),
    ...(repaired ? ['tags that do not match were mended'] : []),
  ];
  return { raw: { ...raw, items: raw.items.slice(0, MAX_ITEMS) }, odd };
}

function clean(raw: RawFeed): ParsedFeed {
  return {
    title: cutText(markupTitle(raw.title), 300) || undefined,
    siteUrl: absoluteUrl(raw.siteUrl, undefined),
    description: cutText(markupTitle(raw.description), 1000) || undefined,
    language: readLanguage(raw.language),
    hub: absoluteUrl(raw.hub, undefined),
    self: absoluteUrl(raw.self, undefined),
    items: firstOfEach(raw.items.map(toFeedItem).filter((item) => item !== undefined)),
  };
}

/** The first of the languages it names; not one it calls by its English name. */
function readLanguage(tag: string | undefined): string | undefined {
  const [first = ''] = tag?.trim().split(/[\s,;]/) ?? [];
  const cleaned = first.replaceAll('_', '-');
  return /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i.test(cleaned) ? cleaned : undefined;
}

/** Of items with one id the first is kept, which is the newest. */
function firstOfEach(items: FeedItem[]): FeedItem[] {
  const byId = new Map<string, FeedItem>();
  for (const item of withOwnIds(items)) {
    if (!byId.has(item.externalId)) byId.set(item.externalId, item);
  }
  return [...byId.values()];
}

/** An id that three pages share is the site's, and tells none of them: their addresses do. */
function withOwnIds(items: FeedItem[]): FeedItem[] {
  const pages = new Map<string, Set<string>>();
  for (const { externalId, url } of items) {
    if (url !== undefined) pages.set(externalId, (pages.get(externalId) ?? new Set()).add(url));
  }
  return items.map((item) => {
    const isShared = (pages.get(item.externalId)?.size ?? 0) >= 3;
    return isShared && item.url !== undefined ? { ...item, externalId: item.url.slice(0, 500) } : item;
  });
}

function describe(text: string): string {
  if (/<html[\s>]|<!doctype html/i.test(text.slice(0, 5000))) {
    return 'This is a web page, not a feed. Look for the address of its feed, often /feed or /atom.xml.';
  }
  if (text.trim() === '') return 'The answer was empty.';
  return 'This is neither RSS, Atom nor JSON Feed.';
}

function notAFeed(reason: string): FeedParsing {
  return { kind: 'not-a-feed', reason };
}
