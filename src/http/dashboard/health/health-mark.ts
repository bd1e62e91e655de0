import { LRUCache } from 'lru-cache';
import { readTrouble, type Trouble } from '../../../dashboard/trouble.js';
import type { Context } from '../../../platform/context.js';
import { SECOND_MS } from '../../../platform/durations.js';
import type { Publication } from '../../../publications/publication.js';

/** Whether something does not work, of the whole server or of these publications. */
export type FindTrouble = (publications: readonly Publication[]) => Promise<boolean>;

/** Every page asks. */
const CACHE_MS = 10 * SECOND_MS;

export function createHealthMark({ db, now }: Pick<Context, 'db' | 'now'>): FindTrouble {
  const cache = new LRUCache<'all', Promise<Trouble>>({
    max: 1,
    ttl: CACHE_MS,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
  });
  const read = () => {
    const cached = cache.get('all');
    if (cached !== undefined) return cached;
    const reading = readTrouble(db, now());
    cache.set('all', reading);
    reading.catch(() => cache.delete('all'));
    return reading;
  };
  return async (publications) => {
    const { ofServer, publicationIds } = await read();
    return ofServer || publications.some(({ id }) => publicationIds.has(id));
  };
}
