import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for `promise`, at most that many milliseconds, after which its work goes on. Rejects when it rejects before. */
export async function waitAtMostMs(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const timeout = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([promise, timeout]).finally(() => timer.abort());
}
