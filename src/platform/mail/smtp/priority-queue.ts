import type { Outcome } from '../classify/outcome.js';
import type { SendRequest } from '../message.js';

/** A request to send, with the function that resolves its promise. */
export type QueuedMessage = {
  readonly request: SendRequest;
  readonly resolve: (outcome: Outcome) => void;
  /** How often a connection put it back, because it could not begin it. */
  requeueCount: number;
  /** The next message in the linked list. */
  next: QueuedMessage | undefined;
};

/** The messages that wait for a connection: urgent ones first, both kinds in the order in which they came. */
export type PriorityQueue = {
  size: number;
  hasUrgent(): boolean;
  add(queued: QueuedMessage): void;
  /** Adds a message that was taken before, in front of all others of its priority. */
  addFirst(queued: QueuedMessage): void;
  take(): QueuedMessage | undefined;
};

export function createPriorityQueue(): PriorityQueue {
  const urgent = createLinkedList();
  const others = createLinkedList();
  const listOf = ({ request }: QueuedMessage) => (request.urgent === true ? urgent : others);
  const queue: PriorityQueue = {
    size: 0,
    hasUrgent: () => !urgent.isEmpty(),
    add: (queued) => {
      queue.size += 1;
      listOf(queued).add(queued);
    },
    addFirst: (queued) => {
      queue.size += 1;
      listOf(queued).addFirst(queued);
    },
    take: () => {
      const queued = urgent.take() ?? others.take();
      if (queued !== undefined) queue.size -= 1;
      return queued;
    },
  };
  return queue;
}

/** A linked list and no array, so that taking the first of a hundred thousand is as fast as of one. */
function createLinkedList() {
  let first: QueuedMessage | undefined;
  let last: QueuedMessage | undefined;
  const addFirst = (queued: QueuedMessage) => {
    queued.next = first;
    first = queued;
    last ??= queued;
  };
  const add = (queued: QueuedMessage) => {
    if (last === undefined) return addFirst(queued);
    queued.next = undefined;
    last.next = queued;
    last = queued;
  };
  const take = () => {
    const queued = first;
    first = queued?.next;
    if (first === undefined) last = undefined;
    return queued;
  };
  return { add, addFirst, take, isEmpty: () => first === undefined };
}
