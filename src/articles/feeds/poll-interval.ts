const MINUTE_MS = 60_000;
const DEFAULT_MINUTES = 10;
const MIN_MINUTES = 5;
const MAX_MINUTES = 30;
/** Enough to know a rhythm, and recent enough to be today's. */
const MAX_DATES = 10;
/** Looks between two articles: a reader hears of an article within an eighth of its feed's usual gap. */
const POLLS_PER_GAP = 8;

/**
 * Minutes between two looks at a feed: often at a newsroom, every half hour at a diary that is written once a month.
 * @param dates of its articles, in any order; those without a date say nothing
 * @param maxAge seconds for which the server calls its answer fresh (RFC 9111 5.2.2.1); it is not asked more often
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
