import type { Outcome } from '../classify/outcome.js';
import type { Message, SendRequest } from '../message.js';
import { createDomainLimit, type DomainLimit } from './domain-limit.js';
import { recipientDomain } from './envelope.js';
import { createPriorityQueue, type PriorityQueue, type QueuedMessage } from './priority-queue.js';

/** All messages that wait for a connection to one server. */
export type SendQueue = {
  enqueue(request: SendRequest): Promise<Outcome>;
  /** How many messages a free connection could begin, without those that wait for their domain. */
  waitingCount(): number;
  /** Takes the next message for a free connection. */
  take(): QueuedMessage | undefined;
  /**
   * Takes the next message for a connection that still sends to this domain, unless another connection could begin it at
   * once.
   */
  takeForPipelining(domain: string): QueuedMessage | undefined;
  /** The recipient's domain; empty where connections to one domain are not limited. */
  domainOf(message: Message): string;
  /** False when the message may not begin now. `currentDomain` is the domain that the connection sends to. */
  acquireDomain(queued: QueuedMessage, domain: string, currentDomain: string | undefined): boolean;
  /** Called when the connection has finished with this domain, and sends to `nextDomain`, if any. */
  releaseDomain(domain: string, nextDomain: string | undefined): void;
  /**
   * Puts back a message whose connection failed before the server could accept it; resolves it with `outcome` when that
   * was too often.
   */
  requeue(queued: QueuedMessage, outcome: Outcome): void;
  resolveAll(outcome: Outcome): void;
  /** Resolves all messages, also later ones, as not sent. */
  close(): void;
};

export type SendQueueOptions = {
  /** How many connections may send to one recipient domain at once; undefined: all. */
  domainConnections: number | undefined;
  /** How many connections are being opened. */
  openingCount: () => number;
  /** Called when there is a message that could begin. */
  onQueued: () => void;
};

type State = SendQueueOptions & {
  readonly queue: PriorityQueue;
  readonly domains: DomainLimit;
  closed: boolean;
};

const STOPPED: Outcome = { kind: 'not-sent', reply: 'Sending was stopped.' };
/** When connections end before a message has begun, as often as this with the same message, it is no coincidence. */
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

/**
 * Leaves as many messages in the queue as connections are being opened; those set aside for this domain can only be sent
 * here.
 */
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
