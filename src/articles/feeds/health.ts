import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import { describeFeedFailure } from './describe-feed-failure.js';
import type { Feed } from './feed.js';

export type FeedHealth = {
  /** silent: it works, and has had nothing new for unusually long. gone: its address is given up. */
  state: 'new' | 'fine' | 'silent' | 'failing' | 'gone';
  /** For an operator: how it is, what becomes of its articles, and what can be done where something can. */
  sentence: string;
};

const SILENT_AFTER_DAYS = 30;

/** How a feed is, in words that need no manual. */
export function describeFeedHealth(feed: Feed, now: Date): FeedHealth {
  if (feed.goneAt !== null) {
    return {
      state: 'gone',
      sentence:
        `Gone: ${describePast(feed.goneAt, now)} its address answered that it has been given up (410), so we do not look there any ` +
        'more. What it brought stays. Add its new address, or remove it.',
    };
  }
  if (feed.failingSince !== null) {
    const reason = feed.failure === null ? 'It does not answer.' : describeFeedFailure(feed.failure);
    return {
      state: 'failing',
      sentence:
        `${reason} That began ${describePast(feed.failingSince, now)}. We look again ` +
        `${describeFuture(feed.nextPollAt, now)}. ${describeNextPoll(feed)}`,
    };
  }
  if (feed.lastPolledAt === null)
    return { state: 'new', sentence: 'Not looked at yet; that happens within seconds.' };
  const looked = `Looked at ${describePast(feed.lastPolledAt, now)}, again ${describeFuture(feed.nextPollAt, now)}.`;
  return isSilent(feed, now)
    ? { state: 'silent', sentence: `Nothing new for ${daysSince(feed.lastNewAt, now)} days. ${looked}` }
    : { state: 'fine', sentence: looked };
}

/**
 * What becomes of what a feed holds when it works again: the rules of a first poll where there was none, else the hold rules.
 */
export function describeNextPoll({
  firstPollDone,
  includeNewest,
}: Pick<Feed, 'firstPollDone' | 'includeNewest'>): string {
  if (firstPollDone)
    return 'What is new in it then is taken, or held for you where it looks unusual; what has left it by then is missed.';
  const but = includeNewest === 0 ? '' : `, but for the newest ${includeNewest}`;
  return `It has never been read: what it holds then counts as read${but}.`;
}

function isSilent({ lastNewAt }: Feed, now: Date): boolean {
  return lastNewAt !== null && daysSince(lastNewAt, now) >= SILENT_AFTER_DAYS;
}

function daysSince(since: Date | null, now: Date): number {
  return Math.floor((now.getTime() - (since?.getTime() ?? now.getTime())) / DAY_MS);
}

const relativeTimeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "4 minutes ago". */
function describePast(at: Date, now: Date): string {
  return describeRelative(at.getTime() - now.getTime());
}

/** "in 6 minutes". */
function describeFuture(at: Date, now: Date): string {
  return at <= now ? 'at any moment' : describeRelative(at.getTime() - now.getTime());
}

function describeUnderAMinute(milliseconds: number): string {
  return milliseconds > 0 ? 'within a minute' : 'a moment ago';
}

function describeRelative(milliseconds: number): string {
  const minutes = Math.round(milliseconds / MINUTE_MS);
  if (Math.abs(minutes) < 60)
    return minutes === 0 ? describeUnderAMinute(milliseconds) : relativeTimeFormat.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 48
    ? relativeTimeFormat.format(hours, 'hour')
    : relativeTimeFormat.format(Math.round(hours / 24), 'day');
}
