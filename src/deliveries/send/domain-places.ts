import { LRUCache } from 'lru-cache';
import { SECOND_MS } from '../../platform/durations.js';

/**
 * How many mails of a chunk may be for one recipient domain, of those that take their mail slowly or may have few connections
 * (`domainConnections` of SMTP_URL): as many as it takes in about a second. The places of the others go to readers elsewhere.
 */
export type DomainPlaces = LRUCache<string, number>;

/** Of slow domains; where all is well there is none. */
const MAX_DOMAINS = 1000;
/** With more places a domain need not be watched any longer. */
const MAX_PLACES = 1000;

export function createDomainPlaces(): DomainPlaces {
  return new LRUCache({ max: MAX_DOMAINS });
}

/** Times of one chunk's mails, each from being handed over to its reply. */
export type ChunkTimes = { record(domain: string, tookMs: number): void; adjustPlaces(): void };

type Times = { mails: number; totalMs: number; slowestMs: number };

/** A domain is slow where its mails take so many times as long as those to others beside them. */
const SLOW_FACTOR = 3;

export function createChunkTimes(places: DomainPlaces): ChunkTimes {
  const domains = new Map<string, Times>();
  const all: Times = { mails: 0, totalMs: 0, slowestMs: 0 };
  return {
    record: (domain, tookMs) => {
      const times = domains.get(domain) ?? { mails: 0, totalMs: 0, slowestMs: 0 };
      domains.set(domain, times);
      add(times, tookMs);
      add(all, tookMs);
    },
    adjustPlaces: () => {
      if (places.size === 0 && all.slowestMs <= SECOND_MS) return;
      for (const [domain, times] of domains) {
        const before = places.get(domain) ?? Infinity;
        if (times.slowestMs > SECOND_MS) {
          const inASecond = Math.max(1, Math.floor((times.mails * SECOND_MS) / times.slowestMs));
          if (isSlow(times, all)) places.set(domain, inASecond);
        } else if (times.mails >= before) {
          if (before * 2 > MAX_PLACES) places.delete(domain);
          else places.set(domain, before * 2);
        }
      }
    },
  };
}

function add(times: Times, tookMs: number): void {
  times.mails += 1;
  times.totalMs += tookMs;
  times.slowestMs = Math.max(times.slowestMs, tookMs);
}

/** Alone in a chunk it keeps nobody waiting. */
function isSlow({ mails, totalMs }: Times, all: Times): boolean {
  const others = all.mails - mails;
  return others > 0 && totalMs / mails > (SLOW_FACTOR * (all.totalMs - totalMs)) / others;
}
