import type { Outcome } from '../classify/outcome.js';
import type { Message, SendRequest } from '../message.js';
import { createDomainLimit, type DomainLimit } from './domain-limit.js';
import { recipientDomain } from './envelope.js';
import { createPriorityQueue, type PriorityQueue, type QueuedMessage } from './priority-queue.js';

/** All that waits for a connection to one server. */
export type SendQueue = {
  enqueue(request: SendRequest): Promise<Outcome>;
  /** How many a free connection could begin; those that wait for their domain are not counted. */
  waitingCount(): number;
  /** What a free connection does next. */
  take(): QueuedMessage | undefined;
  /** What a connection busy with this domain may pipeline before it is free: nothing that another could begin at once. */
  takeForPipelining(domain: string): QueuedMessage | undefined;
  /** The recipient's domain; empty where connections to one domain are not limited. */
  domainOf(message: Message): string;
  /** False when it may not begin now. `currentDomain` is the domain that the connection is busy with. */
  acquireDomain(queued: QueuedMessage, domain: string, currentDomain: string | undefined): boolean;
  /** The connection is done with this domain, and already busy with `nextDomain` where there is one. */
  releaseDomain(domain: string, nextDomain: string | undefined): void;
  /** The connection failed before the server could accept it. It gets `outcome` when that has happened too often. */
  requeue(queued: QueuedMessage, outcome: Outcome): void;
  resolveAll(outcome: Outcome): void;
  /** Resolves all that waits, and all that comes later, as not sent. */
  close(): void;
};

export type SendQueueOptions = {
  /** Connections at once that may be busy with one recipient domain; undefined: any number. */
  domainConnections: number | undefined;
  /** How many connections are being opened. */
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
/** A connection may end before it has begun a message; this often with the same message, and it is no coincidence. */
const MAX_REQUEUES = 5;

export function createSendQueue(options: SendQueueOptions): SendQueue {
  const domains = createDomainLimit(options.domainConnections ?? Infinity);
  const state: State = { ...options, queue: createPriorityQueue(), domains, closed: false };
  return {
    enqueue: (request) => new Promise((resolve) => enqueue(state, request, resolve)),
    waitingCount: () => state.queue.size,
    take: () => state.queue.take(),
    takeForPipelining: (domain) => takeForPipelining(state, domain),
    domainOf: ({ envelope }) => (options.domainConnections === undefined ? '' : recipientDomain(envelope)),
    acquireDomain: (queued, domain, currentDomain) => acquireDomain(state, queued, domain, currentDomain),
    releaseDomain: (domain, nextDomain) => releaseDomain(state, domain, nextDomain),
    requeue: (queued, outcome) => requeue(state, queued, outcome),
    resolveAll: (outcome) => resolveAll(state, outcome),
    close: () => {
      state.closed = true;
      resolveAll(state, STOPPED);
    },
  };
}

function enqueue(
  { closed, queue, onQueued }: State,
  request: SendRequest,
  resolve: QueuedMessage['resolve'],
): void {
  if (closed) return resolve(STOPPED);
  queue.add({ request, resolve, requeueCount: 0, next: undefined });
  onQueued();
}

/** Each connection that is being opened will begin one of the queue; those set aside for this domain wait for no other. */
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
  queued: QueuedMessage,
  domain: string,
  currentDomain: string | undefined,
): boolean {
  if (closed) queued.resolve(STOPPED);
  return !closed && domains.acquire(queued, domain, currentDomain);
}

function releaseDomain(
  { domains, queue, onQueued }: State,
  domain: string,
  nextDomain: string | undefined,
): void {
  const freed = domains.release(domain, nextDomain) ? domains.take(domain) : undefined;
  if (freed === undefined) return;
  queue.addFirst(freed);
  onQueued();
}

function requeue({ closed, queue, onQueued }: State, queued: QueuedMessage, outcome: Outcome): void {
  queued.requeueCount += 1;
  if (closed) return queued.resolve(STOPPED);
  if (queued.requeueCount > MAX_REQUEUES) return queued.resolve(outcome);
  queue.addFirst(queued);
  onQueued();
}

function resolveAll({ queue, domains }: State, outcome: Outcome): void {
  for (let queued = queue.take(); queued !== undefined; queued = queue.take()) queued.resolve(outcome);
  for (let queued = domains.takeAny(); queued !== undefined; queued = domains.takeAny())
    queued.resolve(outcome);
}
