import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when `promise` does, or after that many milliseconds; the promise goes on. Rejects when it rejects first. */
export async function waitAtMostMs(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const timeout = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([promise, timeout]).finally(() => timer.abort());
}
