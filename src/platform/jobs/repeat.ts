import { setTimeout as sleep } from 'node:timers/promises';
import type { Trouble } from './trouble.js';

export type Repeated = { stop(): Promise<void> };

type Rhythm = { everyMs: number; afterTroubleMs: number; trouble: Trouble };

/**
 * Does `work` again and again until stopped, one run at a time. A failure is told once and the next run waits longer.
 * `stop` waits for the run under way; `work` may look at the signal to end early.
 */
export function repeat(
  { everyMs, afterTroubleMs, trouble }: Rhythm,
  work: (signal: AbortSignal) => Promise<void>,
): Repeated {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const wait = await attempt(() => work(stopping.signal), trouble).then((ok) =>
        ok ? everyMs : afterTroubleMs,
      );
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const ended = loop();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

async function attempt(work: () => Promise<void>, trouble: Trouble): Promise<boolean> {
  try {
    await work();
    trouble.end();
    return true;
  } catch (error) {
    trouble.begin(error);
    return false;
  }
}
