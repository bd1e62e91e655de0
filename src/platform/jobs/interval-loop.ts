import { setTimeout as sleep } from 'node:timers/promises';
import type { OutageLog } from './outage-log.js';

export type IntervalLoop = { stop(): Promise<void> };

type IntervalLoopOptions = { intervalMs: number; intervalAfterFailureMs: number; outageLog: OutageLog };

/**
 * Does `work` again and again until stopped, one run at a time. A failure is told once and the next run waits longer.
 * `stop` waits for the run under way; `work` may look at the signal to end early.
 */
export function startIntervalLoop(
  { intervalMs, intervalAfterFailureMs, outageLog }: IntervalLoopOptions,
  work: (signal: AbortSignal) => Promise<void>,
): IntervalLoop {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const wait = await tryRun(() => work(stopping.signal), outageLog).then((ok) =>
        ok ? intervalMs : intervalAfterFailureMs,
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

async function tryRun(work: () => Promise<void>, trouble: OutageLog): Promise<boolean> {
  try {
    await work();
    trouble.recordSuccess();
    return true;
  } catch (error) {
    trouble.recordFailure(error);
    return false;
  }
}
