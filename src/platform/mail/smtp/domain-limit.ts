import { createPriorityQueue, type PriorityQueue, type QueuedMessage } from './priority-queue.js';

/**
 * At most so many connections at once are busy with one recipient domain (`domainConnections` of SMTP_URL). The domain is
 * known only once the message is loaded, so a message that finds its domain full is set aside here until a connection is
 * done with that domain.
 */
export type DomainLimit = {
  /**
   * Counts a connection in, or sets the message aside and returns false. A connection whose message before (`currentDomain`)
   * went to the same domain is counted already.
   */
  acquire(queued: QueuedMessage, domain: string, currentDomain: string | undefined): boolean;
  /** Counts a connection out and returns true; false when its next message (`nextDomain`) goes to the same domain. */
  release(domain: string, nextDomain: string | undefined): boolean;
  /** One of those set aside for this domain. */
  take(domain: string): QueuedMessage | undefined;
  /** One of those set aside for any domain. */
  takeAny(): QueuedMessage | undefined;
};

export function createDomainLimit(limit: number): DomainLimit {
  const busy = new Map<string, number>();
  const setAside = new Map<string, PriorityQueue>();
  const take = (domain: string) => {
    const waiting = setAside.get(domain);
    const queued = waiting?.take();
    if (waiting?.size === 0) setAside.delete(domain);
    return queued;
  };
  return {
    acquire: (queued, domain, currentDomain) => {
      if (domain === currentDomain) return true;
      const count = busy.get(domain) ?? 0;
      if (count < limit) busy.set(domain, count + 1);
      else addTo(setAside, domain, queued);
      return count < limit;
    },
    release: (domain, nextDomain) => {
      if (domain === nextDomain) return false;
      const count = busy.get(domain) ?? 0;
      if (count > 1) busy.set(domain, count - 1);
      else busy.delete(domain);
      return true;
    },
    take,
    takeAny: () => {
      const [domain] = setAside.keys();
      return domain === undefined ? undefined : take(domain);
    },
  };
}

function addTo(setAside: Map<string, PriorityQueue>, domain: string, queued: QueuedMessage): void {
  const waiting = setAside.get(domain) ?? createPriorityQueue();
  waiting.add(queued);
  setAside.set(domain, waiting);
}
