import { HOUR_MS, MINUTE_MS } from '../../platform/durations.js';
import type { Feed } from './feed.js';

const DEFAULT_MINUTES = 10;
const MIN_MINUTES = 5;
const MAX_MINUTES = 30;
/** Of the newest articles: enough for a median, and few enough to follow a change of rhythm. */
const MAX_DATES = 10;
/** Polls between two articles: an article is found within an eighth of its feed's usual gap. */
const POLLS_PER_GAP = 8;

/**
 * Minutes between two polls: 5 for a busy newsroom, 30 for a diary that is written once a month.
 * @param dates of its articles, in any order; those without a date say nothing
 * @param maxAge seconds for which the server calls its response fresh (RFC 9111 5.2.2.1): it is not polled more often
 */
export function pollIntervalMinutes(dates: readonly (Date | undefined)[], maxAge = 0): number {
  const gap = medianGap(dates);
  const wished = gap === undefined ? DEFAULT_MINUTES : gap / POLLS_PER_GAP / MINUTE_MS;
  const minutes = Math.max(wished, MIN_MINUTES, maxAge / 60);
  return Math.round(Math.min(minutes, MAX_MINUTES));
}

/** The middle one of the gaps between the newest articles, in milliseconds; undefined when there are too few. */
function medianGap(dates: readonly (Date | undefined)[]): number | undefined {
  const times = dates
    .flatMap((date) => (date === undefined ? [] : [date.getTime()]))
    .toSorted((one, other) => other - one)
    .slice(0, MAX_DATES);
  const gaps = times.slice(1).map((time, at) => (times[at] ?? time) - time);
  if (gaps.length < 2) return undefined;
  return gaps.toSorted((one, other) => one - other)[Math.floor(gaps.length / 2)];
}

const MIN_RETRY_MS = 10 * MINUTE_MS;

const MAX_RETRY_MS = 24 * HOUR_MS;

/** A wait is lengthened by up to this share of it: feeds that fail together do not come back together. */
const JITTER = 0.2;

/** When to poll next after a poll that worked. */
export function nextPollTime({ pollMinutes }: Pick<Feed, 'pollMinutes'>, now: Date): Date {
  return new Date(now.getTime() + pollMinutes * MINUTE_MS);
}

/**
 * When to poll next after a poll that failed: after half of the time it has been failing, at least ten minutes and at most
 * a day, and a little later by chance. A site that was away for an evening is found within the hour or two after it.
 * @param chance from 0 to 1
 * @param retryAfter what the server asked for, in seconds; at most a day
 */
export function nextPollTimeAfterFailure(
  { failingSince, now, retryAfter = 0 }: { failingSince: Date; now: Date; retryAfter?: number | undefined },
  chance: number,
): Date {
  const failing = now.getTime() - failingSince.getTime();
  const wait = Math.min(Math.max(failing / 2, MIN_RETRY_MS), MAX_RETRY_MS) * (1 + JITTER * chance);
  return new Date(now.getTime() + Math.max(wait, Math.min(retryAfter * 1000, MAX_RETRY_MS)));
}
