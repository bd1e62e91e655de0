import { expect, test } from '@jest/globals';
import { describeFeedFailure } from '../../../src/articles/feeds/describe-feed-failure.js';
import type { FeedFailure } from '../../../src/articles/feeds/feed-failure.js';

const host = 'paper.example:8443';
const remedy =
  "Ask whoever runs the site to let us through there: allow the user agent Paperround/, or the IP address of this server, at least at the feed's address.";

test.each<[FeedFailure, string]>([
  [{ code: 'timeout', host }, `${host} did not answer in time.`],
  [{ code: 'unknown-name', host }, `The name ${host} does not exist.`],
  [{ code: 'name-lookup-failed', host }, `The name ${host} could not be looked up just now.`],
  [{ code: 'connection-refused', host }, `${host} refused the connection.`],
  [{ code: 'connection-closed', host }, `${host} closed the connection.`],
  [{ code: 'connection-failed', host, error: 'EPROTO' }, `${host} could not be read (EPROTO).`],
  [
    { code: 'invalid-certificate', host, error: 'CERT_HAS_EXPIRED' },
    `The certificate of ${host} is not valid (CERT_HAS_EXPIRED).`,
  ],
  [
    { code: 'status', host, status: 401 },
    `${host} does not let us read this address without a login (status 401).`,
  ],
  [
    { code: 'status', host, status: 403 },
    `${host} does not let us read this address (status 403). It may take us for a bot. ${remedy}`,
  ],
  [
    { code: 'status', host, status: 403, network: 'Akamai' },
    `${host} does not let us read this address (status 403). Akamai stands before it and may take us for a bot. ${remedy}`,
  ],
  [
    { code: 'bot-check', host, status: 200, service: 'Anubis' },
    `${host} answered with Anubis's bot check instead of the feed (status 200). ${remedy}`,
  ],
  [
    { code: 'bot-check', host, status: 503, service: null },
    `${host} answered with a bot check instead of the feed (status 503). ${remedy}`,
  ],
  [{ code: 'status', host, status: 404 }, `${host} has nothing at this address (status 404).`],
  [{ code: 'status', host, status: 429 }, `${host} asks us to come less often (status 429).`],
  [{ code: 'status', host, status: 503 }, `${host} answered with status 503.`],
  [{ code: 'redirect-without-address', host }, `${host} redirected without saying where to.`],
  [{ code: 'too-many-redirects', host, maxRedirects: 5 }, `${host} redirected more than 5 times.`],
  [{ code: 'form-redirected', host }, `${host} redirects what is posted to it.`],
  [{ code: 'damaged-compression', host }, `The compressed answer of ${host} is damaged.`],
  [
    { code: 'unknown-compression', host, encoding: 'zstd' },
    `${host} sent a compression nobody asked for (zstd).`,
  ],
  [{ code: 'too-large', host, maxKilobytes: 5120 }, `The answer of ${host} is larger than 5120 KB.`],
  [
    { code: 'no-web-address' },
    'This is not a web address. It should look like https://example.com/feed.xml.',
  ],
  [{ code: 'unsupported-scheme', scheme: 'ftp:' }, 'Only http and https addresses can be fetched, not ftp:'],
  [
    { code: 'credentials-in-address' },
    'This address contains a user name or a password. Remove it and try again.',
  ],
  [{ code: 'no-ip-address', host: 'paper.example' }, 'paper.example has no address.'],
  [
    { code: 'private-address', host: '[::1]' },
    '[::1] points inside your network. Ask whoever runs Paperround to allow it with FETCH_ALLOW.',
  ],
  [
    { code: 'port-not-allowed', host: 'paper.example', port: 8443 },
    'Only ports 80 and 443 are fetched, not 8443. Ask whoever runs Paperround to allow paper.example with FETCH_ALLOW.',
  ],
  [{ code: 'gone' }, 'The address answers that the feed is gone for good (410).'],
  [{ code: 'parse-timeout' }, 'This feed takes too long to read. It may be damaged.'],
  [{ code: 'empty' }, 'The answer was empty.'],
  [{ code: 'too-large-or-damaged' }, 'This is larger than 5 MB, or a damaged archive.'],
  [{ code: 'unknown-format' }, 'This is neither RSS, Atom nor JSON Feed.'],
  [{ code: 'broken-json', line: 3, column: 1 }, 'This begins as JSON, and breaks in line 3, column 1.'],
  [
    { code: 'web-page' },
    'This is a web page, not a feed. Look for the address of its feed, often /feed or /atom.xml.',
  ],
  [
    { code: 'web-page', linkedFeeds: { kind: 'followed' } },
    'This is a web page, not a feed. Look for the address of its feed, often /feed or /atom.xml. Its feeds are followed already.',
  ],
  [
    { code: 'web-page', linkedFeeds: { kind: 'followed-before', url: 'https://paper.example/feed' } },
    'This is a web page, not a feed. Look for the address of its feed, often /feed or /atom.xml. Its feed was followed before: add https://paper.example/feed itself.',
  ],
  [{ code: 'other', words: 'The site answers 404 Not Found.' }, 'The site answers 404 Not Found.'],
])('%j is said in words', (failure, sentence) => {
  expect(describeFeedFailure(failure)).toBe(sentence);
});
