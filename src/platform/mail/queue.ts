import type { Posting } from './message.js';
import type { Outcome } from './outcome.js';

/** A posting and who waits to hear of it. */
export type Errand = {
  readonly posting: Posting;
  readonly tell: (outcome: Outcome) => void;
  /** How often a connection gave it back because it could not begin it. */
  returns: number;
  behind: Errand | undefined;
};

/** What waits for a connection: the urgent before the others, each in the order they came. */
export type Queue = {
  size: number;
  hasUrgent(): boolean;
  add(errand: Errand): void;
  /** It had its turn, and comes before its like. */
  addFirst(errand: Errand): void;
  take(): Errand | undefined;
};

export function createQueue(): Queue {
  const urgent = createLine();
  const others = createLine();
  const lineOf = ({ posting }: Errand) => (posting.urgent === true ? urgent : others);
  const queue: Queue = {
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
function createLine() {
  let first: Errand | undefined;
  let last: Errand | undefined;
  const addFirst = (errand: Errand) => {
    errand.behind = first;
    first = errand;
    last ??= errand;
  };
  const add = (errand: Errand) => {
    if (last === undefined) return addFirst(errand);
    errand.behind = undefined;
    last.behind = errand;
    last = errand;
  };
  const take = () => {
    const errand = first;
    first = errand?.behind;
    if (first === undefined) last = undefined;
    return errand;
  };
  return { add, addFirst, take, isEmpty: () => first === undefined };
}
