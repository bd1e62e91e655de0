import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '../../transports/limits/pace.js';

/**
 * Waits until the next message of a chunk may begin: in the order asked, and never closer to the one before to make up for
 * lost time.
 * @param stopping ends all waits at once: nothing is sent after it
 */
export function createPacer(
  pace: Pace | undefined,
  now: () => Date,
  stopping: AbortSignal,
): () => Promise<void> {
  if (pace === undefined) return () => Promise.resolve();
  let nextAt = pace.startsAt.getTime();
  const waitForTurn = async () => {
    const wait = nextAt - now().getTime();
    // Not an error: whoever sends looks at the signal itself.
    if (wait > 0) await sleep(wait, undefined, { signal: stopping }).catch(() => {});
    nextAt = Math.max(nextAt, now().getTime()) + pace.intervalMs;
  };
  let turns = Promise.resolve();
  return () => (turns = turns.then(waitForTurn));
}
