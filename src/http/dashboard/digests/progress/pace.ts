import { LRUCache } from 'lru-cache';
import { MINUTE_MS, SECOND_MS } from '../../../../platform/durations.js';

/** How quickly a digest goes, and when it is done if that goes on. */
export type Pace = { perMinute: number; doneAt: Date };

type Sample = { at: number; done: number };

/** What this process saw of digests that are being sent, each time somebody looked. */
export type Paces = {
  /** @param left how many have no outcome yet */
  measure(digestId: string, done: number, left: number): Pace | undefined;
};

/** A pace is that of the last minute; a shorter look than two seconds says nothing. */
const [WINDOW_MS, MIN_SPAN_MS] = [MINUTE_MS, 2 * SECOND_MS];
const MAX_DIGESTS = 200;

export function createPaces(now: () => Date): Paces {
  const seen = new LRUCache<string, Sample[]>({ max: MAX_DIGESTS });
  return {
    measure: (digestId, done, left) => {
      const at = now().getTime();
      const samples = (seen.get(digestId) ?? []).filter((sample) => at - sample.at <= WINDOW_MS);
      const last = samples.at(-1);
      if (last === undefined || at - last.at >= SECOND_MS / 2) samples.push({ at, done });
      seen.set(digestId, samples);
      return paceSince(samples[0], { at, done }, left);
    },
  };
}

function paceSince(first: Sample | undefined, last: Sample, left: number): Pace | undefined {
  if (first === undefined || last.at - first.at < MIN_SPAN_MS || last.done <= first.done) return undefined;
  const perMs = (last.done - first.done) / (last.at - first.at);
  return {
    perMinute: Math.max(1, Math.round(perMs * MINUTE_MS)),
    doneAt: new Date(last.at + left / perMs),
  };
}
