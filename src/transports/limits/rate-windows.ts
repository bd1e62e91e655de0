import type { Rates, Span } from '../../platform/mail/smtp/smtp-url-parameters.js';
import type { RegisteredTransport } from '../transport.js';

/** What was handed over in the window that began then. */
export type Usage = { span: Span; startsAt: Date; used: number };

/** A window with a limit. */
export type Window = Usage & { endsAt: Date; limit: number };

const SPAN_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const SPANS = Object.keys(SPAN_MS) as Span[];

/** Doubled so often, a warm-up limits nobody any more. */
const MAX_WARM_UP_DAYS = 30;

/** The rates that hold now: those of SMTP_URL, and on a day of warming up no more than that day's share. */
export function ratesAt(
  { limits, firstUsedAt }: Pick<RegisteredTransport, 'limits' | 'firstUsedAt'>,
  now: Date,
): Rates {
  const warmUp = warmUpLimit(limits.warmUp, firstUsedAt, now);
  if (warmUp === undefined) return limits.rates;
  return { ...limits.rates, day: Math.min(limits.rates.day ?? Infinity, warmUp) };
}

/**
 * Days change with the windows, at midnight UTC, so that each window has one limit. A server that was not used for a while
 * goes on where the calendar is: keeping a slow start slow is what the operator's own rates are for.
 */
function warmUpLimit(warmUp: number | undefined, firstUsedAt: Date | null, now: Date): number | undefined {
  if (warmUp === undefined) return undefined;
  const day = Math.round((windowStart('day', now) - windowStart('day', firstUsedAt ?? now)) / SPAN_MS.day);
  return day > MAX_WARM_UP_DAYS ? undefined : warmUp * 2 ** Math.max(0, day);
}

/** Nothing to count, nothing to ask. */
export function isUnlimited(rates: Rates): boolean {
  return SPANS.every((span) => rates[span] === undefined);
}

/** The windows we are in, one for each limit, with what was used of them. */
export function windowsAt(rates: Rates, usage: readonly Usage[], now: Date): Window[] {
  return SPANS.flatMap((span) => {
    const limit = rates[span];
    if (limit === undefined) return [];
    const known = usage.find((one) => one.span === span && isCurrent(one, now));
    const startsAt = known?.startsAt ?? new Date(windowStart(span, now));
    const endsAt = new Date(startsAt.getTime() + SPAN_MS[span]);
    return [{ span, startsAt, endsAt, limit, used: known?.used ?? 0 }];
  });
}

/** The next window counts as well: some other worker's clock is a little ahead, and has begun it. */
function isCurrent({ span, startsAt }: Usage, now: Date): boolean {
  const start = windowStart(span, now);
  return startsAt.getTime() >= start && startsAt.getTime() <= start + SPAN_MS[span];
}

/** Is this the window that the moment was in? */
export function isInWindow({ span, startsAt }: Usage, moment: Date): boolean {
  return startsAt.getTime() === windowStart(span, moment);
}

/** How many messages all of them have room for. */
export function remainingPermits(windows: readonly Window[]): number {
  return Math.max(0, Math.min(...windows.map(({ limit, used }) => limit - used)));
}

/** When all that are full have ended; undefined when there is room. */
export function nextPermitsAt(windows: readonly Window[]): Date | undefined {
  const full = windows.filter(({ limit, used }) => used >= limit);
  if (full.length === 0) return undefined;
  return new Date(Math.max(...full.map(({ endsAt }) => endsAt.getTime())));
}

function windowStart(span: Span, moment: Date): number {
  return Math.floor(moment.getTime() / SPAN_MS[span]) * SPAN_MS[span];
}
