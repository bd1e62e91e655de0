import { MINUTE_MS, SECOND_MS } from '../../platform/durations.js';
import type { Rates } from '../../platform/mail/smtp/smtp-url-parameters.js';

/** When each of some messages may begin: the first at `startsAt`, and no two closer than `intervalMs` (a fraction). */
export type Pace = { startsAt: Date; intervalMs: number };

/**
 * What we keep below a rate. Messages are spaced when they begin, and a server counts them when they end: so much may a
 * slow moment shift them together before the server sees more than the rate.
 */
const USED_SHARE = 0.97;

/** So much time is reserved for one chunk at once: what its claim costs between two of them is small beside it. */
const MAX_CHUNK_MS = 10 * SECOND_MS;

/** A chunk is claimed so much before its first message may begin. */
const CLAIM_AHEAD_MS = SECOND_MS;

/** So much may be reserved; more was written by a clock that was wrong. */
const MAX_RESERVED_MS = MINUTE_MS + MAX_CHUNK_MS + CLAIM_AHEAD_MS;

/** Milliseconds between two messages, by the stricter of the rates for a second and a minute; 0 without either. */
export function messageIntervalMs({ second, minute }: Rates): number {
  return Math.max(SECOND_MS / (second ?? Infinity), MINUTE_MS / (minute ?? Infinity)) / USED_SHARE;
}

/** Time that may be reserved now, for at most `limit` messages, or when some may be. */
export type Opening = { kind: 'open'; startsAt: Date; limit: number } | { kind: 'none'; until: Date };

/** @param reservedUntil the end of what has been reserved, by any worker */
export function findOpening(intervalMs: number, reservedUntil: Date | null, now: Date): Opening {
  const startsAt = startOfNext(reservedUntil, now);
  const claimAt = startsAt.getTime() - CLAIM_AHEAD_MS;
  if (claimAt > now.getTime()) return { kind: 'none', until: new Date(claimAt) };
  return { kind: 'open', startsAt, limit: Math.max(1, Math.floor(MAX_CHUNK_MS / intervalMs)) };
}

/** The end of what is reserved once so many messages more are. */
export function reservedUntil({ startsAt, intervalMs }: Pace, messages: number): Date {
  return new Date(startsAt.getTime() + Math.ceil(messages * intervalMs));
}

/** Time that nobody reserved while it passed is not made up for: the rate holds in each second. */
export function startOfNext(reservedUntil: Date | null, now: Date): Date {
  const ahead = reservedUntil === null ? 0 : reservedUntil.getTime() - now.getTime();
  return reservedUntil !== null && ahead > 0 && ahead <= MAX_RESERVED_MS ? reservedUntil : now;
}
