import type { FetchFailure, FetchRefusal } from '../../platform/fetch/fetch-failure.js';
import type { ParseFailure } from '../parse/parse-feed.js';
import { USER_AGENT_NAME } from '../../platform/fetch/user-agent.js';
import { countNoun } from '../../platform/text/count-noun.js';
import type { FeedFailure, LinkedFeeds } from './feed-failure.js';

/** Why a feed could not be read, as one sentence or two for an operator. */
export function describeFeedFailure(failure: FeedFailure): string {
  switch (failure.code) {
    case 'other':
      return failure.words;
    case 'not-processed':
      return 'It could not be processed here. Nothing of it was stored.';
    case 'items-not-stored':
      return `${countNoun(failure.count, 'item')} of it could not be stored; the others were.`;
    case 'gone':
      return 'The address answers that the feed is gone for good (410).';
    case 'no-web-address':
    case 'credentials-in-address':
    case 'unsupported-scheme':
    case 'no-ip-address':
    case 'private-address':
    case 'port-not-allowed':
      return describeRefusal(failure);
    case 'parse-timeout':
    case 'empty':
    case 'empty-feed':
    case 'too-large-or-damaged':
    case 'web-page':
    case 'unknown-format':
    case 'broken-json':
      return `${describeParseFailure(failure)}${describeLinkedFeeds(failure.linkedFeeds)}`;
    case 'timeout':
    case 'unknown-name':
    case 'name-lookup-failed':
    case 'connection-refused':
    case 'connection-closed':
    case 'connection-failed':
    case 'invalid-certificate':
    case 'status':
    case 'bot-check':
    case 'redirect-without-address':
    case 'too-many-redirects':
    case 'form-redirected':
    case 'damaged-compression':
    case 'unknown-compression':
    case 'too-large':
      return describeFetchFailure(failure);
  }
}

function describeFetchFailure(failure: FetchFailure): string {
  const { host } = failure;
  switch (failure.code) {
    case 'timeout':
      return `${host} did not answer in time.`;
    case 'unknown-name':
      return `The name ${host} does not exist.`;
    case 'name-lookup-failed':
      return `The name ${host} could not be looked up just now.`;
    case 'connection-refused':
      return `${host} refused the connection.`;
    case 'connection-closed':
      return `${host} closed the connection.`;
    case 'invalid-certificate':
      return `The certificate of ${host} is not valid (${failure.error}).`;
    case 'connection-failed':
      return `${host} could not be read (${failure.error}).`;
    case 'status':
      return describeStatus(failure);
    case 'bot-check':
      return `${host} answered with ${failure.service === null ? 'a' : `${failure.service}'s`} bot check instead of the feed (status ${failure.status}). ${BOT_REMEDY}`;
    case 'redirect-without-address':
      return `${host} redirected without saying where to.`;
    case 'too-many-redirects':
      return `${host} redirected more than ${failure.maxRedirects} times.`;
    case 'form-redirected':
      return `${host} redirects what is posted to it.`;
    case 'damaged-compression':
      return `The compressed answer of ${host} is damaged.`;
    case 'unknown-compression':
      return `${host} sent a compression nobody asked for (${failure.encoding}).`;
    case 'too-large':
      return `The answer of ${host} is larger than ${failure.maxKilobytes} KB.`;
  }
}

/** What lets us through: a program passes no check for people. */
const BOT_REMEDY = `Ask whoever runs the site to let us through there: allow the user agent ${USER_AGENT_NAME}/, or the IP address of this server, at least at the feed's address.`;

/** A status that is neither a success nor a redirect. */
function describeStatus({ host, status, network }: Extract<FetchFailure, { code: 'status' }>): string {
  if (status === 401) return `${host} does not let us read this address without a login (status 401).`;
  if (status === 403) {
    const why = network === undefined ? 'It may take' : `${network} stands before it and may take`;
    return `${host} does not let us read this address (status 403). ${why} us for a bot. ${BOT_REMEDY}`;
  }
  if (status === 404) return `${host} has nothing at this address (status 404).`;
  if (status === 429) return `${host} asks us to come less often (status 429).`;
  return `${host} answered with status ${status}.`;
}

function describeRefusal(refusal: FetchRefusal): string {
  switch (refusal.code) {
    case 'no-web-address':
      return 'This is not a web address. It should look like https://example.com/feed.xml.';
    case 'unsupported-scheme':
      return `Only http and https addresses can be fetched, not ${refusal.scheme}`;
    case 'credentials-in-address':
      return 'This address contains a user name or a password. Remove it and try again.';
    case 'no-ip-address':
      return `${refusal.host} has no address.`;
    case 'private-address':
      return `${refusal.host} points inside your network. Ask whoever runs Paperround to allow it with FETCH_ALLOW.`;
    case 'port-not-allowed':
      return `Only ports 80 and 443 are fetched, not ${refusal.port}. Ask whoever runs Paperround to allow ${refusal.host} with FETCH_ALLOW.`;
  }
}

function describeParseFailure(failure: ParseFailure): string {
  switch (failure.code) {
    case 'parse-timeout':
      return 'This feed takes too long to read. It may be damaged.';
    case 'empty':
      return 'The answer was empty.';
    case 'empty-feed':
      return 'This is an empty feed: it has neither a title nor articles.';
    case 'too-large-or-damaged':
      return 'This is larger than 5 MB, or a damaged archive.';
    case 'web-page':
      return 'This is a web page, not a feed. Look for the address of its feed, often /feed or /atom.xml.';
    case 'broken-json':
      return `This begins as JSON, and breaks in line ${failure.line}, column ${failure.column}.`;
    case 'unknown-format':
      return 'This is neither RSS, Atom nor JSON Feed.';
  }
}

function describeLinkedFeeds(linked: LinkedFeeds | undefined): string {
  if (linked === undefined) return '';
  return linked.kind === 'followed'
    ? ' Its feeds are followed already.'
    : ` Its feed was followed before: add ${linked.url} itself.`;
}
