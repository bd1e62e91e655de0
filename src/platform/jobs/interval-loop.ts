import { setTimeout as sleep } from 'node:timers/promises';
import type { OutageLog } from './outage-log.js';

export type IntervalLoop = { stop(): Promise<void> };

type IntervalLoopOptions = { intervalMs: number; intervalAfterFailureMs: number; outageLog: OutageLog };

/**
 * Runs `work` repeatedly until it is stopped. The interval is from the end of one run to the start of the next. `stop` waits
 * for the present run, which may end early by the signal.
 */
export function startIntervalLoop(
  { intervalMs, intervalAfterFailureMs, outageLog }: IntervalLoopOptions,
  work: (signal: AbortSignal) => Promise<void>,
): IntervalLoop {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = async () => {
    while (!signal.aborted) {
      const hasSucceeded = await runAndRecord(() => work(signal), outageLog);
      const pauseMs = hasSucceeded ? intervalMs : intervalAfterFailureMs;
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
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

async function runAndRecord(work: () => Promise<void>, outageLog: OutageLog): Promise<boolean> {
  try {
    await work();
    outageLog.recordSuccess();
    return true;
  } catch (error) {
    outageLog.recordFailure(error);
    return false;
  }
}
