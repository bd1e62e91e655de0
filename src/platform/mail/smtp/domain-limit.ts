import { createPriorityQueue, type QueuedMessage, type PriorityQueue } from './priority-queue.js';

/**
 * At most so many connections at once are busy with one recipient domain. Which domain a posting is for is known once its
 * message is, so what finds its domain full steps aside here, and goes on when a connection is done with that domain.
 */
export type DomainLimit = {
  /** Count a connection in, or put the errand aside and answer false. A connection that stays with its domain may. */
  acquire(errand: QueuedMessage, domain: string, before: string | undefined): boolean;
  /** Count it out, unless it stays with the domain; then false. */
  release(domain: string, after: string | undefined): boolean;
  /** One of those put aside for this domain. */
  take(domain: string): QueuedMessage | undefined;
  /** One of all those put aside. */
  takeAny(): QueuedMessage | undefined;
};

export function createDomainLimit(limit: number): DomainLimit {
  const busy = new Map<string, number>();
  const aside = new Map<string, PriorityQueue>();
  const take = (domain: string) => {
    const waiting = aside.get(domain);
    const errand = waiting?.take();
    if (waiting?.size === 0) aside.delete(domain);
    return errand;
  };
  return {
    acquire: (errand, domain, before) => {
      if (domain === before) return true;
      const count = busy.get(domain) ?? 0;
      if (count < limit) busy.set(domain, count + 1);
      else putAside(aside, domain, errand);
      return count < limit;
    },
    release: (domain, after) => {
      if (domain === after) return false;
      const count = busy.get(domain) ?? 0;
      if (count > 1) busy.set(domain, count - 1);
      else busy.delete(domain);
      return true;
    },
    take,
    takeAny: () => {
      const [domain] = aside.keys();
      return domain === undefined ? undefined : take(domain);
    },
  };
}

function putAside(aside: Map<string, PriorityQueue>, domain: string, errand: QueuedMessage): void {
  const waiting = aside.get(domain) ?? createPriorityQueue();
  waiting.add(errand);
  aside.set(domain, waiting);
}
