import type { FetchPage } from '../../platform/fetch/fetch-page.js';
import { describeFeedFailure } from '../feeds/describe-feed-failure.js';
import { discoverFeeds } from '../parse/discover-feeds.js';
import type { FeedCheck } from '../parse/feed-report.js';
import { parseFeed } from '../parse/parse-feed.js';

/** `url`: of the feed, where the address was that of a page that names it. */
export type CheckedAddress = { url: string; result: FeedCheck };

type Reading = { fetchPage: FetchPage; timeoutMs: number | undefined };

/**
 * Reads the feed at an address, or the first feed that the page there names, as when a feed is added. Nothing is stored.
 * @param timeoutMs for parsing it, during which this process does nothing else; absent: as `parseFeed` says
 */
export function checkFeedAddress(
  fetchPage: FetchPage,
  address: string,
  timeoutMs?: number,
): Promise<CheckedAddress> {
  return readAddress({ fetchPage, timeoutMs }, address, true);
}

async function readAddress(reading: Reading, address: string, isPage: boolean): Promise<CheckedAddress> {
  const { fetchPage, timeoutMs } = reading;
  const fetched = await fetchPage(address);
  const unreadable = (reason: string) => ({
    url: address,
    result: { kind: 'unreadable' as const, reason },
  });
  if (fetched.kind === 'gone') return unreadable(describeFeedFailure({ code: 'gone' }));
  if (fetched.kind === 'not-modified') return unreadable('The server answered 304 to a first request.');
  if (fetched.kind !== 'fetched') return unreadable(describeFeedFailure(fetched.failure));
  const { url, body, contentType } = fetched;
  const page = { url, ...(contentType !== undefined && { contentType }) };
  const parsing = parseFeed(body, { ...page, ...(timeoutMs !== undefined && { timeoutMs }) });
  if (parsing.kind === 'feed') return { url: address, result: parsing };
  const [first] = isPage ? discoverFeeds(body, page) : [];
  return first === undefined
    ? unreadable(describeFeedFailure(parsing.failure))
    : readLinkedFeed(reading, first);
}

async function readLinkedFeed(reading: Reading, address: string): Promise<CheckedAddress> {
  const { url, result } = await readAddress(reading, address, false);
  if (result.kind === 'feed') return { url, result };
  const reason = `This is a web page. It names the feed ${address}, which cannot be read: ${result.reason}`;
  return { url, result: { kind: 'unreadable', reason } };
}
