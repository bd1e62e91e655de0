import { expect, test } from '@jest/globals';
import { describeFeedHealth } from '../../../src/articles/feeds/health.js';
import { type Feed } from '../../../src/articles/feeds/feed.js';
import { pollIntervalMinutes, nextPollTimeAfterFailure } from '../../../src/articles/feeds/poll-interval.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

const now = new Date('2026-11-22T12:00:00Z');
const ago = (hours: number) => new Date(now.getTime() - hours * HOUR_MS);
const every = (hours: number, count = 12) => Array.from({ length: count }, (_, at) => ago(at * hours));

test.each([
  ['a newsroom with an article every quarter of an hour', every(0.25), undefined, 5],
  ['two articles an hour', every(1), undefined, 8],
  ['four a day', every(6), undefined, 30],
  ['one a month', every(720), undefined, 30],
  ['a feed without dates', [undefined, undefined, undefined], undefined, 10],
  ['a feed with two articles', every(1, 2), undefined, 10],
  ['a server that calls its answer fresh for 20 minutes', every(0.25), 1200, 20],
  ['one that calls it fresh for a year', every(0.25), 31_536_000, 30],
])('%s is polled every so many minutes', (_, dates, maxAge, minutes) => {
  expect(pollIntervalMinutes(dates, maxAge)).toBe(minutes);
  expect(pollIntervalMinutes(dates.toReversed(), maxAge)).toBe(minutes);
});

const feed: Feed = {
  id: 'f',
  publicationId: 'p',
  url: 'https://paper.example/feed.xml',
  title: null,
  etag: null,
  lastModified: null,
  nextPollAt: new Date(now.getTime() + 6 * 60_000),
  lastPolledAt: new Date(now.getTime() - 4 * 60_000),
  firstPollDone: true,
  includeNewest: 0,
  failingSince: null,
  failure: null,
  pollMinutes: 10,
  lastNewAt: ago(2),
  goneAt: null,
  hubUrl: null,
  hubTopic: null,
  hubRequestedAt: null,
  hubKeyId: null,
  hubLeaseUntil: null,
  createdAt: ago(1000),
};

test.each<[string, Partial<Feed>, string, RegExp]>([
  ['one that works', {}, 'fine', /^Looked at 4 minutes ago, again in 6 minutes\.$/],
  ['one just added', { lastPolledAt: null }, 'new', /^Not looked at yet/],
  ['one that is late', { nextPollAt: ago(1) }, 'fine', /again at any moment\.$/],
  ['one with nothing new', { lastNewAt: ago(40 * 24) }, 'silent', /^Nothing new for 40 days\./],
  [
    'one that fails',
    { failingSince: ago(72), failure: { code: 'status', host: 'paper.example', status: 503 } },
    'failing',
    /^paper\.example answered with status 503\. That began 3 days ago\. We look again in 6 minutes\. What is new in it then is taken, or held for you where it looks unusual; what has left it by then is missed\.$/,
  ],
  [
    'one that never worked',
    { failingSince: ago(72), failure: null, firstPollDone: false },
    'failing',
    /We look again in 6 minutes\. It has never been read: what it holds then counts as read\.$/,
  ],
  [
    'one that never worked and is to bring its newest',
    { failingSince: ago(72), failure: null, firstPollDone: false, includeNewest: 3 },
    'failing',
    /what it holds then counts as read, but for the newest 3\.$/,
  ],
  [
    'one that is gone',
    { failingSince: ago(3), goneAt: ago(3) },
    'gone',
    /^Gone: 3 hours ago .*Add its new address/,
  ],
])('the health of %s is a sentence', (_, change, state, sentence) => {
  expect(describeFeedHealth({ ...feed, ...change }, now)).toEqual({
    state,
    sentence: expect.stringMatching(sentence),
  });
});

test('a feed that fails is polled less and less often, at least once a day, at times spread by chance', () => {
  const minutes = (failing: number, chance: number, retryAfter?: number) => {
    const failingSince = new Date(now.getTime() - failing * 60_000);
    return (
      (nextPollTimeAfterFailure({ failingSince, now, retryAfter }, chance).getTime() - now.getTime()) / 60_000
    );
  };
  expect([0, 20, 60, 600, 6000].map((failing) => minutes(failing, 0))).toEqual([10, 10, 30, 300, 1440]);
  expect(minutes(600, 1)).toBe(360);
  expect(minutes(0, 0, 3600)).toBe(60);
  expect(minutes(0, 0, 9_999_999)).toBe(1440);
});
