import { createPriorityQueue, type PriorityQueue, type QueuedMessage } from './priority-queue.js';

/**
 * Limits how many connections send to one recipient domain at once (`domainConnections` of SMTP_URL). The domain is known only
 * once the message is loaded, so a message whose domain is at its limit is set aside until a connection has finished with that
 * domain.
 */
export type DomainLimit = {
  /**
   * Counts the connection for this domain, or sets the message aside and returns false. A connection that sends to the domain
   * already (`currentDomain`) is counted once.
   */
  acquire(queued: QueuedMessage, domain: string, currentDomain: string | undefined): boolean;
  /** Counts the connection no more and returns true; false when its next message goes to the same domain (`nextDomain`). */
  release(domain: string, nextDomain: string | undefined): boolean;
  /** Takes a message that was set aside for this domain. */
  take(domain: string): QueuedMessage | undefined;
  /** Takes a message that was set aside for any domain. */
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
