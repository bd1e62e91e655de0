import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { discoverFeeds } from '../articles/discover-feeds.js';
import { parseFeed, type FeedParsing } from '../articles/parse-feed.js';
import type { FetchPage } from '../platform/fetch.js';

/** `source` is the address or path that was asked for, or a file found in a folder. */
export type CheckedFeed = { source: string; parsing: FeedParsing };

export type CheckSettings = {
  fetchPage: FetchPage;
  /** Where the feeds that are files were found, for their relative links. */
  baseUrl: string | undefined;
};

const MAX_BYTES = 5 * 1024 * 1024;
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
  for (const path of await filesBelow(source)) {
    const parsing = await readPath(path, settings);
    // A folder of feeds also holds its licence; a file called feed.xml that is none is news.
    if (parsing.kind === 'feed' || FEED_FILE.test(path)) yield { source: path, parsing };
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  return files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
}

/** A page's address leads to the first feed it names, as when a feed is added. */
async function readAddress(address: string, settings: CheckSettings, isPage = true): Promise<FeedParsing> {
  const fetched = await settings.fetchPage(address);
  if (fetched.kind === 'gone') return unread('The address answers that the feed is gone for good (410).');
  if (fetched.kind === 'not-modified') return unread('The server answered 304 to a first request.');
  if (fetched.kind !== 'fetched') return unread(fetched.reason);
  const { url, body, contentType } = fetched;
  const page = { url, ...(contentType !== undefined && { contentType }) };
  const parsing = parseFeed(body, page);
  const [first] = parsing.kind === 'not-a-feed' && isPage ? discoverFeeds(body, page) : [];
  return first === undefined ? parsing : readNamed(first, settings);
}

async function readNamed(address: string, settings: CheckSettings): Promise<FeedParsing> {
  const parsing = await readAddress(address, settings, false);
  if (parsing.kind === 'feed') return parsing;
  return unread(`This is a web page. It names the feed ${address}, which cannot be read: ${parsing.reason}`);
}

async function readPath(path: string, { baseUrl = '' }: CheckSettings): Promise<FeedParsing> {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path))
    return unread('Only addresses with http:// or https:// can be read.');
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return unread('There is no such file.');
  if (found.size > MAX_BYTES) return unread('This is larger than 5 MB, or a damaged archive.');
  const body = await readFile(path).catch(() => undefined);
  return body === undefined ? unread('This file may not be read.') : parseFeed(body, { url: baseUrl });
}

function unread(reason: string): FeedParsing {
  return { kind: 'not-a-feed', reason };
}
