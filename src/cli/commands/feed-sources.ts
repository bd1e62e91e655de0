import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { discoverFeeds } from '../../articles/parse/discover-feeds.js';
import { parseFeed, type ParseResult } from '../../articles/parse/parse-feed.js';
import type { FetchPage } from '../../platform/fetch/fetch-page.js';

/** `source` is the URL or path that was given, or a file found below the path. */
export type CheckedFeed = { source: string; parsing: ParseResult };

export type CheckSettings = {
  fetchPage: FetchPage;
  /** The URL that relative links in files are resolved against. */
  baseUrl: string | undefined;
};

const MAX_FEED_BYTES = 5 * 1024 * 1024;
const FEED_FILE = /\.(?:xml|atom|rss|rdf|json)$/i;

/** Reads a feed from an address or a file, or all feeds below a folder in the order of their paths. */
export async function* readFeeds(source: string, settings: CheckSettings): AsyncGenerator<CheckedFeed> {
  if (/^https?:\/\//i.test(source)) {
    yield { source, parsing: await readAddress(source, settings) };
    return;
  }
  const found = await stat(source).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    yield { source, parsing: await readPath(source, settings) };
    return;
  }
  for (const path of await listFiles(source)) {
    const parsing = await readPath(path, settings);
    // A folder holds other files too, such as a licence; only a file named like a feed is reported when it is none.
    if (parsing.kind === 'feed' || FEED_FILE.test(path)) yield { source: path, parsing };
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  return files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
}

/** Reads the feed at a URL. At a page's URL it reads the first feed that the page names, as when a feed is added. */
async function readAddress(address: string, settings: CheckSettings, isPage = true): Promise<ParseResult> {
  const fetched = await settings.fetchPage(address);
  if (fetched.kind === 'gone') return notAFeed('The address answers that the feed is gone for good (410).');
  if (fetched.kind === 'not-modified') return notAFeed('The server answered 304 to a first request.');
  if (fetched.kind !== 'fetched') return notAFeed(fetched.reason);
  const { url, body, contentType } = fetched;
  const page = { url, ...(contentType !== undefined && { contentType }) };
  const parsing = parseFeed(body, page);
  const [first] = parsing.kind === 'not-a-feed' && isPage ? discoverFeeds(body, page) : [];
  return first === undefined ? parsing : readLinkedFeed(first, settings);
}

async function readLinkedFeed(address: string, settings: CheckSettings): Promise<ParseResult> {
  const parsing = await readAddress(address, settings, false);
  if (parsing.kind === 'feed') return parsing;
  return notAFeed(
    `This is a web page. It names the feed ${address}, which cannot be read: ${parsing.reason}`,
  );
}

async function readPath(path: string, { baseUrl = '' }: CheckSettings): Promise<ParseResult> {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path))
    return notAFeed('Only addresses with http:// or https:// can be read.');
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return notAFeed('There is no such file.');
  if (found.size > MAX_FEED_BYTES) return notAFeed('This is larger than 5 MB, or a damaged archive.');
  const body = await readFile(path).catch(() => undefined);
  return body === undefined ? notAFeed('This file may not be read.') : parseFeed(body, { url: baseUrl });
}

function notAFeed(reason: string): ParseResult {
  return { kind: 'not-a-feed', reason };
}
