import { createDomainLimit, type DomainLimit } from './domain-limit.js';
import { recipientDomain } from './envelope.js';
import type { Message, SendRequest } from '../message.js';
import type { Outcome } from '../classify/outcome.js';
import { createPriorityQueue, type QueuedMessage, type PriorityQueue } from './priority-queue.js';

/** All that waits for a connection to one server. */
export type SendQueue = {
  enqueue(posting: SendRequest): Promise<Outcome>;
  /** How many a free connection could begin. */
  waitingCount(): number;
  /** What a free connection does next. */
  take(): QueuedMessage | undefined;
  /** What a connection busy with this domain may announce before it is free: nothing that another could begin at once. */
  takeForPipelining(domain: string): QueuedMessage | undefined;
  /** The recipient's domain; the empty one where domains do not matter. */
  domainOf(message: Message): string;
  /** False when it may not begin now. `before` is the domain that the connection is busy with. */
  acquireDomain(errand: QueuedMessage, domain: string, before: string | undefined): boolean;
  /** The connection is done with this domain, and busy with `after` already. */
  releaseDomain(domain: string, after: string | undefined): void;
  /** The connection failed before the server could have taken it. `outcome` is for when that keeps happening. */
  requeue(errand: QueuedMessage, outcome: Outcome): void;
  resolveAll(outcome: Outcome): void;
  /** From now on everything is answered that it was not sent. */
  close(): void;
};

export type SendQueueOptions = {
  /** Connections at once that may be busy with one recipient domain. */
  domainConnections: number | undefined;
  /** How many connections are being made. */
  openingCount: () => number;
  /** Called when there is more to begin. */
  onQueued: () => void;
};

type State = SendQueueOptions & {
  readonly queue: PriorityQueue;
  readonly domains: DomainLimit;
  closed: boolean;
};

const STOPPED: Outcome = { kind: 'not-sent', reply: 'Sending was stopped.' };
/** A connection may fail before it has begun a message; this often under the same one, and it is no longer bad luck. */
const MAX_REQUEUES = 5;

export function createSendQueue(options: SendQueueOptions): SendQueue {
  const domains = createDomainLimit(options.domainConnections ?? Infinity);
  const state: State = { ...options, queue: createPriorityQueue(), domains, closed: false };
  return {
    enqueue: (posting) => new Promise((tell) => enqueue(state, posting, tell)),
    waitingCount: () => state.queue.size,
    take: () => state.queue.take(),
    takeForPipelining: (domain) => takeForPipelining(state, domain),
    domainOf: ({ envelope }) => (options.domainConnections === undefined ? '' : recipientDomain(envelope)),
    acquireDomain: (errand, domain, before) => acquireDomain(state, errand, domain, before),
    releaseDomain: (domain, after) => releaseDomain(state, domain, after),
    requeue: (errand, outcome) => requeue(state, errand, outcome),
    resolveAll: (outcome) => resolveAll(state, outcome),
    close: () => {
      state.closed = true;
      resolveAll(state, STOPPED);
    },
  };
}

function enqueue(
  { closed, queue, onQueued }: State,
  posting: SendRequest,
  tell: QueuedMessage['resolve'],
): void {
  if (closed) return tell(STOPPED);
  queue.add({ request: posting, resolve: tell, requeueCount: 0, next: undefined });
  onQueued();
}

/** The connections being made will each begin one of those in the queue; those put aside wait for this very domain. */
function takeForPipelining(
  { queue, domains, openingCount }: State,
  domain: string,
): QueuedMessage | undefined {
  const canSpare = queue.size > openingCount();
  if (canSpare && queue.hasUrgent()) return queue.take();
  return domains.take(domain) ?? (canSpare ? queue.take() : undefined);
}

function acquireDomain(
  { closed, domains }: State,
  errand: QueuedMessage,
  domain: string,
  before: string | undefined,
): boolean {
  if (closed) errand.resolve(STOPPED);
  return !closed && domains.acquire(errand, domain, before);
}

function releaseDomain({ domains, queue, onQueued }: State, domain: string, after: string | undefined): void {
  const freed = domains.release(domain, after) ? domains.take(domain) : undefined;
  if (freed === undefined) return;
  queue.addFirst(freed);
  onQueued();
}

function requeue({ closed, queue, onQueued }: State, errand: QueuedMessage, outcome: Outcome): void {
  errand.requeueCount += 1;
  if (closed) return errand.resolve(STOPPED);
  if (errand.requeueCount > MAX_REQUEUES) return errand.resolve(outcome);
  queue.addFirst(errand);
  onQueued();
}

function resolveAll({ queue, domains }: State, outcome: Outcome): void {
  for (let errand = queue.take(); errand !== undefined; errand = queue.take()) errand.resolve(outcome);
  for (let errand = domains.takeAny(); errand !== undefined; errand = domains.takeAny())
    errand.resolve(outcome);
}
