import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchProcess } from './processes.js';

/** A process that is started again whenever it has ended, as an init system does. */
export type Supervised = {
  kill(): Promise<void>;
  /** Ends it for good, as when the machine is shut down. */
  stop(): Promise<void>;
};

const RESTART_INTERVAL_MS = 500;

export function supervise(start: () => BenchProcess): Supervised {
  const stopping = new AbortController();
  let running = start();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      if (running.hasEnded()) running = start();
      await sleep(RESTART_INTERVAL_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    kill: async () => void (await running.stop('SIGKILL')),
    stop: async () => {
      stopping.abort();
      await watching;
      await running.stop();
    },
  };
}
