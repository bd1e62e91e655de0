import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../platform/durations.js';
import type { Rates, Span } from '../../platform/mail/smtp/smtp-url-parameters.js';
import type { RegisteredTransport } from '../transport.js';

/** How many messages were sent in the window of UTC that began at `startsAt`. */
export type Usage = { span: Span; startsAt: Date; used: number };

/** A window with its limit. */
export type Window = Usage & { endsAt: Date; limit: number };

const SPAN_MS = { second: SECOND_MS, minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };
const SPANS = Object.keys(SPAN_MS) as Span[];

/** Doubled so often, a warm-up limits nothing any more. */
const MAX_WARM_UP_DAYS = 30;

/** The rates that apply now: those of SMTP_URL, and while warming up no more a day than the warm-up allows. */
export function ratesAt(
  { limits, firstUsedAt }: Pick<RegisteredTransport, 'limits' | 'firstUsedAt'>,
  now: Date,
): Rates {
  const warmUp = warmUpLimit(limits.warmUp, firstUsedAt, now);
  if (warmUp === undefined) return limits.rates;
  return { ...limits.rates, day: Math.min(limits.rates.day ?? Infinity, warmUp) };
}

/**
 * Days change with the windows, at midnight UTC, so that each window has one limit. Days on which the server was not used
 * count as well: whoever needs a slower start sets a rate.
 */
function warmUpLimit(warmUp: number | undefined, firstUsedAt: Date | null, now: Date): number | undefined {
  if (warmUp === undefined) return undefined;
  const day = Math.round((windowStart('day', now) - windowStart('day', firstUsedAt ?? now)) / SPAN_MS.day);
  return day > MAX_WARM_UP_DAYS ? undefined : warmUp * 2 ** Math.max(0, day);
}

/** Without any rate, nothing is counted. */
export function isUnlimited(rates: Rates): boolean {
  return SPANS.every((span) => rates[span] === undefined);
}

/** The current windows, one for each rate, with what was used of them. */
export function windowsAt(rates: Rates, usage: readonly Usage[], now: Date): Window[] {
  return SPANS.flatMap((span) => {
    const limit = rates[span];
    if (limit === undefined) return [];
    const known = usage.find((window) => window.span === span && isCurrent(window, now));
    const startsAt = known?.startsAt ?? new Date(windowStart(span, now));
    const endsAt = new Date(startsAt.getTime() + SPAN_MS[span]);
    return [{ span, startsAt, endsAt, limit, used: known?.used ?? 0 }];
  });
}

/** The next window counts as well: another worker whose clock is a little ahead has begun it. */
function isCurrent({ span, startsAt }: Usage, now: Date): boolean {
  const start = windowStart(span, now);
  return startsAt.getTime() >= start && startsAt.getTime() <= start + SPAN_MS[span];
}

/** Was this the window of that moment? */
export function isInWindow({ span, startsAt }: Usage, moment: Date): boolean {
  return startsAt.getTime() === windowStart(span, moment);
}

/** How many messages may still be sent in all of these windows. */
export function remainingPermits(windows: readonly Window[]): number {
  return Math.max(0, Math.min(...windows.map(({ limit, used }) => limit - used)));
}

/** When all full windows have ended; undefined when none is full. */
export function nextPermitsAt(windows: readonly Window[]): Date | undefined {
  const full = windows.filter(({ limit, used }) => used >= limit);
  if (full.length === 0) return undefined;
  return new Date(Math.max(...full.map(({ endsAt }) => endsAt.getTime())));
}

function windowStart(span: Span, moment: Date): number {
  return Math.floor(moment.getTime() / SPAN_MS[span]) * SPAN_MS[span];
}
