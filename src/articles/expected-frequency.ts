import { DAY_MS } from '../platform/durations.js';
import { usableTimeZone } from '../platform/text/time-zone.js';

const WEEK_MS = 7 * DAY_MS;
/** A rhythm is known after two weeks. */
const MIN_WEEKS = 2;
export const LOOKBACK_MS = 8 * WEEK_MS;

type CadenceSettings = { defaultCadence: 'instant' | 'daily' | 'weekly' | 'monthly'; timezone: string };

/**
 * How many mails a week a reader gets who changes nothing, a whole number above 0; undefined when that is not known, or
 * less than one.
 * @param releases when the articles of the last weeks came, newest first
 */
export function expectedMailsPerWeek(
  releases: readonly Date[],
  usual: CadenceSettings,
  now: Date,
): number | undefined {
  const oldest = releases.at(-1);
  if (oldest === undefined) return undefined;
  const weeks = (now.getTime() - oldest.getTime()) / WEEK_MS;
  if (weeks < MIN_WEEKS) return undefined;
  const count = Math.round(countMails(releases, usual) / weeks);
  return count > 0 ? count : undefined;
}

/** An empty day is no mail. A month's is less than one a week. */
function countMails(releases: readonly Date[], { defaultCadence, timezone }: CadenceSettings): number {
  switch (defaultCadence) {
    case 'instant':
      return releases.length;
    case 'daily':
      return daysOf(releases, timezone).size;
    case 'weekly':
      return new Set(releases.map((at) => Math.floor(at.getTime() / WEEK_MS))).size;
    case 'monthly':
      return 0;
  }
}

function daysOf(releases: readonly Date[], timezone: string): Set<string> {
  const day = new Intl.DateTimeFormat('en', { timeZone: usableTimeZone(timezone), dateStyle: 'short' });
  return new Set(releases.map((at) => day.format(at)));
}
