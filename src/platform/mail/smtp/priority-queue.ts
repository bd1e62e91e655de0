import type { SendRequest } from '../message.js';
import type { Outcome } from '../classify/outcome.js';

/** A posting and who waits to hear of it. */
export type QueuedMessage = {
  readonly request: SendRequest;
  readonly resolve: (outcome: Outcome) => void;
  /** How often a connection gave it back because it could not begin it. */
  requeueCount: number;
  next: QueuedMessage | undefined;
};

/** What waits for a connection: the urgent before the others, each in the order they came. */
export type PriorityQueue = {
  size: number;
  hasUrgent(): boolean;
  add(errand: QueuedMessage): void;
  /** It had its turn, and comes before its like. */
  addFirst(errand: QueuedMessage): void;
  take(): QueuedMessage | undefined;
};

export function createPriorityQueue(): PriorityQueue {
  const urgent = createLinkedList();
  const others = createLinkedList();
  const lineOf = ({ request }: QueuedMessage) => (request.urgent === true ? urgent : others);
  const queue: PriorityQueue = {
    size: 0,
    hasUrgent: () => !urgent.isEmpty(),
    add: (errand) => {
      queue.size += 1;
      lineOf(errand).add(errand);
    },
    addFirst: (errand) => {
      queue.size += 1;
      lineOf(errand).addFirst(errand);
    },
    take: () => {
      const errand = urgent.take() ?? others.take();
      if (errand !== undefined) queue.size -= 1;
      return errand;
    },
  };
  return queue;
}

/** A chain rather than an array: taking the first of a hundred thousand costs no more than of one. */
function createLinkedList() {
  let first: QueuedMessage | undefined;
  let last: QueuedMessage | undefined;
  const addFirst = (errand: QueuedMessage) => {
    errand.next = first;
    first = errand;
    last ??= errand;
  };
  const add = (errand: QueuedMessage) => {
    if (last === undefined) return addFirst(errand);
    errand.next = undefined;
    last.next = errand;
    last = errand;
  };
  const take = () => {
    const errand = first;
    first = errand?.next;
    if (first === undefined) last = undefined;
    return errand;
  };
  return { add, addFirst, take, isEmpty: () => first === undefined };
}
