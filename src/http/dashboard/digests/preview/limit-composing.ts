/** Composing a mail takes the processor for some ten milliseconds: so many wait in line, and others are refused. */
const [MAX_AT_ONCE, MAX_WAITING] = [2, 30];

export class TooManyPreviewsError extends Error {}

export type Limit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs a few at a time, so that whoever looks at many previews does not keep other pages waiting. */
export function createComposingLimit(): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= MAX_AT_ONCE) {
      if (waiting.length >= MAX_WAITING) throw new TooManyPreviewsError('Too many previews at once');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
