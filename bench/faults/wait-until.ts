import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks five times a second until it is so; a question that fails, as while Postgres is down, is asked again.
 * @returns false when it was not so in all that time
 */
export async function waitUntil(isSo: () => Promise<boolean>, timeoutMs = 90_000): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(200))
    if (await isSo().catch(() => false)) return true;
  return false;
}
