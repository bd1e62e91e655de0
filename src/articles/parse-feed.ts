import { parseFeed as parseAnyFeed } from 'feedsmith';
import { withDeadline } from '../platform/deadline.js';
import { absoluteUrl } from './absolute-url.js';
import { cutText } from './clean-text.js';
import { decodeFeed } from './decode-feed.js';
import { toFeedItem, type FeedItem, type ParsedFeed, type RawFeed } from './feed-item.js';
import { markupTitle } from './markup.js';
import { readAtom } from './read-atom.js';
import { readJsonFeed } from './read-json-feed.js';
import { readRdf, readRss } from './read-rss.js';
import { repairFeed, trimToRoot } from './repair-feed.js';

/** `url` is where the feed was found, for links relative to it; `timeoutMs` is 10 seconds. */
export type FeedSource = { url: string; contentType?: string; timeoutMs?: number };

/** `reason` is a sentence for an operator. */
export type FeedParsing = { kind: 'feed'; feed: ParsedFeed } | { kind: 'not-a-feed'; reason: string };

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_ITEMS = 500;
const TIMEOUT_MS = 10_000;

type AnyFeed = ReturnType<typeof parseAnyFeed<string>>;

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
  const parsed = parseLeniently(text);
  return parsed ? { kind: 'feed', feed: clean(readFormat(parsed, url)) } : notAFeed(describe(text));
}

function parseLeniently(text: string): AnyFeed | undefined {
  if (text.trimStart().startsWith('{')) return tryParse(text);
  const xml = trimToRoot(text);
  const parsed = tryParse(xml);
  // One element left open in the head of a feed can swallow all its items without an error.
  if (parsed && (countItems(parsed) > 0 || !/<(?:[\w-]+:)?(?:item|entry)[\s>]/i.test(xml))) return parsed;
  const repaired = repairFeed(xml, (part) => tryParse(part) !== undefined);
  return (repaired === undefined ? undefined : tryParse(repaired)) ?? parsed;
}

function tryParse(text: string): AnyFeed | undefined {
  try {
    return parseAnyFeed(text, { maxItems: MAX_ITEMS });
  } catch {
    return undefined;
  }
}

function countItems(parsed: AnyFeed): number {
  return (parsed.format === 'atom' ? parsed.feed.entries : parsed.feed.items)?.length ?? 0;
}

function readFormat(parsed: AnyFeed, url: string): RawFeed {
  switch (parsed.format) {
    case 'rss':
      return readRss(parsed.feed, url);
    case 'rdf':
      return readRdf(parsed.feed, url);
    case 'atom':
      return readAtom(parsed.feed, url);
    case 'json':
      return readJsonFeed(parsed.feed, url);
  }
}

function clean(raw: RawFeed): ParsedFeed {
  return {
    title: cutText(markupTitle(raw.title), 300) || undefined,
    siteUrl: absoluteUrl(raw.siteUrl, undefined),
    description: cutText(markupTitle(raw.description), 1000) || undefined,
    language: readLanguage(raw.language),
    items: firstOfEach(raw.items.map(toFeedItem)),
  };
}

function readLanguage(tag: string | undefined): string | undefined {
  const cleaned = tag?.trim().replaceAll('_', '-');
  return cleaned && /^[a-z]{2,8}(?:-[a-z0-9]{1,8})*$/i.test(cleaned) ? cleaned : undefined;
}

function firstOfEach(items: (FeedItem | undefined)[]): FeedItem[] {
  const byId = new Map<string, FeedItem>();
  for (const item of items) {
    if (item && !byId.has(item.externalId)) byId.set(item.externalId, item);
  }
  return [...byId.values()];
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
