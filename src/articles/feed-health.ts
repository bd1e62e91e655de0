import type { Feed } from './feed.js';

export type FeedHealth = {
  /** silent: it works, and has had nothing new for unusually long. gone: its address is given up. */
  state: 'new' | 'fine' | 'silent' | 'failing' | 'gone';
  /** For an operator: what is so, what became of her articles, and what to do where there is something. */
  sentence: string;
};

const DAY_MS = 24 * 3600 * 1000;
const SILENT_AFTER_DAYS = 30;

/** How a feed is, in words that need no manual. */
export function feedHealth(feed: Feed, now: Date): FeedHealth {
  if (feed.goneAt !== null) {
    return {
      state: 'gone',
      sentence:
        `Gone: ${ago(feed.goneAt, now)} its address answered that it has been given up (410), so we do not look there any ` +
        'more. What it brought stays. Add its new address, or remove it.',
    };
  }
  if (feed.failingSince !== null) {
    return {
      state: 'failing',
      sentence:
        `${feed.failure ?? 'It does not answer.'} That began ${ago(feed.failingSince, now)}. We look again ` +
        `${ahead(feed.nextPollAt, now)}; what is still in the feed then is taken.`,
    };
  }
  if (feed.lastPolledAt === null)
    return { state: 'new', sentence: 'Not looked at yet; that happens within seconds.' };
  const looked = `Looked at ${ago(feed.lastPolledAt, now)}, again ${ahead(feed.nextPollAt, now)}.`;
  return isSilent(feed, now)
    ? { state: 'silent', sentence: `Nothing new for ${days(feed.lastNewAt, now)} days. ${looked}` }
    : { state: 'fine', sentence: looked };
}

function isSilent({ lastNewAt }: Feed, now: Date): boolean {
  return lastNewAt !== null && days(lastNewAt, now) >= SILENT_AFTER_DAYS;
}

function days(since: Date | null, now: Date): number {
  return Math.floor((now.getTime() - (since?.getTime() ?? now.getTime())) / DAY_MS);
}

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "4 minutes ago". */
function ago(at: Date, now: Date): string {
  return relative(at.getTime() - now.getTime());
}

/** "in 6 minutes". */
function ahead(at: Date, now: Date): string {
  return at <= now ? 'at any moment' : relative(at.getTime() - now.getTime());
}

function nearly(milliseconds: number): string {
  return milliseconds > 0 ? 'within a minute' : 'a moment ago';
}

function relative(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (Math.abs(minutes) < 60) return minutes === 0 ? nearly(milliseconds) : words.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 48 ? words.format(hours, 'hour') : words.format(Math.round(hours / 24), 'day');
}
