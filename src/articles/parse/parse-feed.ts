import { withDeadline } from '../../platform/process/deadline.js';
import { absoluteUrl } from '../clean/absolute-url.js';
import { truncateAfterSentence } from '../clean/clean-text.js';
import { decodeCharset } from './decode-charset.js';
import { type ParsedFeed, type RawFeed } from './feed-item.js';
import { markupToLine } from './markup.js';
import { readDtdEntities } from './xml/dtd-entities.js';
import { readAtom } from './read-atom.js';
import { readJsonFeed } from './read-json-feed.js';
import { readRss } from './read-rss.js';
import { hasPreamble, trimToRoot } from './xml/prolog.js';
import { deduplicateItems } from './deduplicate-items.js';
import { findJsonError } from './json-error.js';
import { buildTree } from './xml/build-tree.js';
import { childOf, childrenOf, type XmlNode } from './xml/node.js';
import { toFeedItem } from './clean-item.js';

/**
 * `url` is where the feed was found, for links relative to it; `timeZone` the publication's, for dates whose zone is unsure;
 * `timeoutMs` is 10 seconds.
 */
export type FeedSource = { url: string; contentType?: string; timeZone?: string; timeoutMs?: number };

/** `warnings` say what had to be repaired or left out. */
export type ParseResult =
  | { kind: 'feed'; feed: ParsedFeed; warnings: string[] }
  | { kind: 'not-a-feed'; failure: ParseFailure };

/**
 * Why something is no feed. `line` and `column` count from 1. The codes are stored with feeds: one that is renamed needs a
 * migration.
 */
export type ParseFailure =
  | {
      code: 'parse-timeout' | 'empty' | 'empty-feed' | 'too-large-or-damaged' | 'web-page' | 'unknown-format';
    }
  | { code: 'broken-json'; line: number; column: number };

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_ITEMS = 500;
const TIMEOUT_MS = 10_000;
const TOO_DEEP_WARNING = 'elements more than 100 deep: what is in them may be missing';

/**
 * RSS, Atom, RDF or JSON Feed from whatever a server sent, clean and safe to store. A broken feed is repaired as far
 * as it goes. At most 5 MB, 500 items and 10 seconds; no input throws.
 */
export function parseFeed(body: Buffer, source: FeedSource): ParseResult {
  const parsing = withDeadline(source.timeoutMs ?? TIMEOUT_MS, () => readFeed(body, source));
  return parsing.kind === 'done' ? parsing.value : notAFeed({ code: 'parse-timeout' });
}

function readFeed(body: Buffer, { url, contentType, timeZone }: FeedSource): ParseResult {
  if (body.length === 0) return notAFeed({ code: 'empty' });
  const text = decodeCharset(body, contentType, MAX_BYTES);
  if (text === undefined) return notAFeed({ code: 'too-large-or-damaged' });
  const read = /^[\s\ufeff]*\{/.test(text) ? readJson(text, url) : readXml(text, url);
  if (!read) return notAFeed(findParseFailure(text));
  const { feed, warnings } = cleanFeed(read.raw, timeZone);
  return { kind: 'feed', feed, warnings: [...read.warnings, ...warnings] };
}

type ReadResult = { raw: RawFeed; warnings: string[] };
type CleanResult = { feed: ParsedFeed; warnings: string[] };

function readJson(text: string, url: string): ReadResult | undefined {
  const raw = readJsonFeed(text.replace(/^[\s\ufeff]+/, ''), url);
  return raw && { raw, warnings: [] };
}

function readXml(text: string, url: string): ReadResult | undefined {
  const xml = trimToRoot(text);
  const { root, repaired, tooDeep } =
    xml === undefined ? {} : buildTree(xml, MAX_ITEMS, readDtdEntities(text));
  if (root === undefined) return undefined;
  const raw = isAtom(root) ? readAtom(holderOf(root), url) : readRss(holderOf(root), url);
  // Some other file that has an element of this name.
  if (isEmpty(raw)) return undefined;
  const warnings = [
    ...(hasPreamble(text) ? ['words before the feed were passed over'] : []),
    ...(repaired ? ['tags that do not match were mended'] : []),
    ...(tooDeep ? [TOO_DEEP_WARNING] : []),
  ];
  return { raw, warnings: warnings };
}

function isAtom({ name }: XmlNode): boolean {
  return name === 'feed' || name === 'entry';
}

/** What articles stand in: around a lone one a feed is put that has nothing else, but the title of where it came from. */
function holderOf(root: XmlNode): XmlNode {
  if (root.name !== 'entry' && root.name !== 'item') return root;
  const title = childrenOf(childOf(root, 'source'), 'title');
  const name = root.name === 'entry' ? 'feed' : 'channel';
  return { name, attributes: {}, children: [...title, root], parent: undefined };
}

function isEmpty({ title, siteUrl, description, items }: RawFeed): boolean {
  return [title, siteUrl, description].every((one) => one === undefined) && items.length === 0;
}

function cleanFeed(raw: RawFeed, timeZone: string | undefined): CleanResult {
  const metadata = cleanFeedMetadata(raw);
  const hints = { timeZone, language: metadata.language };
  const cleaned = raw.items
    .slice(0, MAX_ITEMS)
    .map((item) => toFeedItem(item, hints))
    .filter((item) => item !== undefined);
  const { items, copies, sharedIds } = deduplicateItems(cleaned);
  const astray = cleaned.filter(({ hasStrayLink }) => hasStrayLink).length;
  const empty = Math.min(raw.items.length, MAX_ITEMS) - cleaned.length;
  const warnings = [
    ...(raw.items.length > MAX_ITEMS ? [`only the first ${MAX_ITEMS} were read, there are more`] : []),
    ...(empty > 0 ? [`${empty} left out: nothing is in them`] : []),
    ...(astray > 0
      ? [`${astray} with a relative link, and nothing to resolve it against (--base-url for files)`]
      : []),
    ...(copies > 0 ? [`${copies} left out: copies of another`] : []),
    ...(sharedIds > 0 ? [`${sharedIds} with an id that others have too`] : []),
  ];
  return { feed: { ...metadata, items }, warnings };
}

function cleanFeedMetadata(raw: RawFeed): Omit<ParsedFeed, 'items'> {
  return {
    title: truncateAfterSentence(markupToLine(raw.title), 300) || undefined,
    siteUrl: absoluteUrl(raw.siteUrl, undefined),
    description: truncateAfterSentence(markupToLine(raw.description), 1000) || undefined,
    language: readLanguage(raw.language),
    hub: absoluteUrl(raw.hub, undefined),
    self: absoluteUrl(raw.self, undefined),
  };
}

/** The first of the languages it names; not one it calls by its English name. */
function readLanguage(tag: string | undefined): string | undefined {
  const [first = ''] = tag?.trim().split(/[\s,;]/) ?? [];
  const cleaned = first.replaceAll('_', '-');
  return /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i.test(cleaned) ? cleaned : undefined;
}

/** The root of a feed, in the namespace of one or with its version. */
const EMPTY_FEED =
  /^<(?:[\w-]+:)?(?:rss|channel|(?:feed|rdf)\b[^<>]*(?:w3\.org\/2005\/atom|purl\.org\/(?:atom|rss)))\b/i;

function findParseFailure(text: string): ParseFailure {
  if (/<html[\s>]|<!doctype html/i.test(text.slice(0, 5000))) return { code: 'web-page' };
  if (text.trim() === '') return { code: 'empty' };
  if (EMPTY_FEED.test(trimToRoot(text) ?? '')) return { code: 'empty-feed' };
  const broken = findJsonError(text);
  return broken === undefined ? { code: 'unknown-format' } : { code: 'broken-json', ...broken };
}

function notAFeed(failure: ParseFailure): ParseResult {
  return { kind: 'not-a-feed', failure };
}
