/** So many within a window. The key names a network by hash, a publication, or all of them together. */
export type FormLimit = { key: string; max: number };

export const LIMIT_WINDOW_MS = 10 * 60_000;

/** A newsletter that is on television has fewer readers a minute than this; a flood has more. */
const MAX_FORMS_PER_PUBLICATION = 3_000;
const MAX_FORMS_OF_ALL = 10_000;

/**
 * What counts wherever it comes from. Above these, nobody is refused, since most who come are readers: a person looks at
 * what is above.
 */
export function floodLimits(publicationId: string): FormLimit[] {
  return [
    { key: `publication ${publicationId}`, max: MAX_FORMS_PER_PUBLICATION },
    { key: 'service', max: MAX_FORMS_OF_ALL },
  ];
}

/** What a key has been counted to, and until when it counts. */
export type LimitCount = { key: string; points: number; resetsAt: Date };

/**
 * Which of these is above one of its limits, in the order they came: they were all counted at once.
 * @param asked each one's limits
 * @param counted every key of theirs, after all were counted; of two for one key, the later
 * @returns for each, when the first limit it is above ends; undefined when it is above none
 */
export function exceededLimits(
  asked: readonly (readonly FormLimit[])[],
  counted: readonly LimitCount[],
): (Date | undefined)[] {
  const keys = new Map(counted.map((one) => [one.key, one]));
  const used = new Map<string, number>();
  for (const { key } of asked.flat()) used.set(key, (used.get(key) ?? keys.get(key)?.points ?? 0) - 1);
  return asked.map((limits) => {
    const over = limits.filter(({ key, max }) => {
      const place = (used.get(key) ?? 0) + 1;
      used.set(key, place);
      return place > max;
    });
    return over.flatMap(({ key }) => keys.get(key)?.resetsAt ?? [])[0];
  });
}

/** How often each key is in it. In the order of the keys, so that two processes lock them in the same one. */
export function countByKey(limits: readonly FormLimit[]): { key: string; points: number }[] {
  const points = new Map<string, number>();
  for (const { key } of limits) points.set(key, (points.get(key) ?? 0) + 1);
  return [...points]
    .map(([key, count]) => ({ key, points: count }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
