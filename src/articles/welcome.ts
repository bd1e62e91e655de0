import { isTooFarAhead } from './guards.js';
import type { HoldCode } from './hold.js';
import type { FreshItem } from './recognise.js';
import type { Newcomer } from './take-in.js';

const DAY_MS = 24 * 3_600_000;

/**
 * The first poll starts from now: what is there counts as read, but for the newest few that were asked for. A date of
 * another day to come says nothing of what is newest.
 */
export function firstOnes(fresh: readonly FreshItem[], includeNewest: number, now: Date): Newcomer[] {
  const latest = now.getTime() + DAY_MS;
  const time = ({ item }: FreshItem) => {
    const at = item.publishedAt?.getTime() ?? 0;
    return at > latest ? 0 : at;
  };
  const newest = new Set(fresh.toSorted((a, b) => time(b) - time(a)).slice(0, includeNewest));
  return fresh.map((one) =>
    newest.has(one) ? welcomed(one, undefined, now, now) : { ...one, state: 'skipped', releaseAt: now },
  );
}

/** Nothing goes out before its own date. */
export function welcomed(
  { item, names }: FreshItem,
  found: HoldCode | undefined,
  earliest: Date,
  now: Date,
): Newcomer {
  const code = found ?? (isTooFarAhead(item.publishedAt, now) ? 'scheduled' : undefined);
  const releaseAt = new Date(Math.max(earliest.getTime(), item.publishedAt?.getTime() ?? 0));
  if (code !== undefined) return { item, names, state: 'held', code, releaseAt: earliest };
  return { item, names, state: 'waiting', releaseAt };
}
