import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFeedFailure } from '../../articles/feeds/describe-feed-failure.js';
import type { FeedCheck } from '../../articles/parse/feed-report.js';
import { parseFeed, type ParseResult } from '../../articles/parse/parse-feed.js';
import { checkFeedAddress } from '../../articles/poll/check-feed.js';
import type { FetchPage } from '../../platform/fetch/fetch-page.js';

/** `source` is the URL or path that was given, or a file found below the path. */
export type CheckedFeed = { source: string; result: FeedCheck };

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
    yield { source, result: (await checkFeedAddress(settings.fetchPage, source)).result };
    return;
  }
  const found = await stat(source).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    yield { source, result: await readPath(source, settings) };
    return;
  }
  for (const path of await listFiles(source)) {
    const result = await readPath(path, settings);
    // A folder holds other files too, such as a licence; only a file named like a feed is reported when it is none.
    if (result.kind === 'feed' || FEED_FILE.test(path)) yield { source: path, result };
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  return files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
}

async function readPath(path: string, { baseUrl = '' }: CheckSettings): Promise<FeedCheck> {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path))
    return unreadable('Only addresses with http:// or https:// can be read.');
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return unreadable('There is no such file.');
  if (found.size > MAX_FEED_BYTES) return unreadable(describeFeedFailure({ code: 'too-large-or-damaged' }));
  const body = await readFile(path).catch(() => undefined);
  return body === undefined
    ? unreadable('This file may not be read.')
    : toFeedCheck(parseFeed(body, { url: baseUrl }));
}

function toFeedCheck(parsing: ParseResult): FeedCheck {
  return parsing.kind === 'feed' ? parsing : unreadable(describeFeedFailure(parsing.failure));
}

function unreadable(reason: string): FeedCheck {
  return { kind: 'unreadable', reason };
}
