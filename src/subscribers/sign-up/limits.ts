import { hashNetwork, networkOf, widerNetworkOf } from '../../platform/crypto/network-hash.js';
import { MINUTE_MS } from '../../platform/durations.js';

/** At most `max` forms in each window of `LIMIT_WINDOW_MS`. The key names a network by hash, a publication, or the service. */
export type FormLimit = { key: string; max: number };

export const LIMIT_WINDOW_MS = 10 * MINUTE_MS;

/** Enough for an open day behind one address, and a small part of a flood. */
const MAX_FORMS_PER_NETWORK = 60;
const MAX_FORMS_PER_WIDER_NETWORK = 300;

/** More than a newsletter gains when television names it; a flood soon exceeds it. */
const MAX_FORMS_PER_PUBLICATION = 3_000;
const MAX_FORMS_OF_SERVICE = 10_000;

/** Forms above these are refused: by network, and by the wider network (a /24 or a /48) within which a flood may move. */
export function networkLimits(ip: string | undefined, now: Date): FormLimit[] {
  const network = networkOf(ip);
  return [
    { key: `network ${hashNetwork(network, now)}`, max: MAX_FORMS_PER_NETWORK },
    { key: `networks ${hashNetwork(widerNetworkOf(network), now)}`, max: MAX_FORMS_PER_WIDER_NETWORK },
  ];
}

/** Forms above these are recorded and held for an operator, since many of those who sent them are readers. */
export function floodLimits(publicationId: string): FormLimit[] {
  return [
    { key: `publication ${publicationId}`, max: MAX_FORMS_PER_PUBLICATION },
    { key: 'service', max: MAX_FORMS_OF_SERVICE },
  ];
}

/** How many forms were counted under a key, and when its count begins anew. */
export type LimitCount = { key: string; points: number; resetsAt: Date };

/**
 * Which forms of a batch exceed one of their limits. The batch was counted in one statement, so each form's place is worked
 * out from the counts after it.
 * @param limitsByForm each form's limits, in the order in which the forms came
 * @param counts every key of theirs, after all were counted; of two for one key, the later
 * @returns for each form, when its first exceeded limit resets; undefined when it exceeds none
 */
export function exceededLimits(
  limitsByForm: readonly (readonly FormLimit[])[],
  counts: readonly LimitCount[],
): (Date | undefined)[] {
  const byKey = new Map(counts.map((count) => [count.key, count]));
  // Points of each key before this batch, then with its forms one after the other.
  const used = new Map<string, number>();
  for (const { key } of limitsByForm.flat())
    used.set(key, (used.get(key) ?? byKey.get(key)?.points ?? 0) - 1);
  return limitsByForm.map((limits) => {
    const exceeded = limits.filter(({ key, max }) => {
      const points = (used.get(key) ?? 0) + 1;
      used.set(key, points);
      return points > max;
    });
    return exceeded.flatMap(({ key }) => byKey.get(key)?.resetsAt ?? [])[0];
  });
}

/** How many forms count towards each key, sorted by key: two processes lock the rows in the same order, so neither deadlocks. */
export function countByKey(limits: readonly FormLimit[]): { key: string; points: number }[] {
  const points = new Map<string, number>();
  for (const { key } of limits) points.set(key, (points.get(key) ?? 0) + 1);
  return [...points]
    .map(([key, count]) => ({ key, points: count }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
