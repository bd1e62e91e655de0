/** So many wait for their turn already that this was not begun. */
export class TooManyWaitingError extends Error {}

/**
 * Runs at most `max` at a time, for work that takes much of a processor or much memory; others wait for their turn.
 * @throws TooManyWaitingError from the returned function, where `maxWaiting` wait already
 */
export function createConcurrencyLimit({ max, maxWaiting }: { max: number; maxWaiting: number }) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= max) {
      if (waiting.length >= maxWaiting) throw new TooManyWaitingError('Too much waits for its turn');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      // Whoever waits takes the place over, so that nobody comes in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
