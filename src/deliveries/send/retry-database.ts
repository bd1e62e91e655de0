import { setTimeout as wait } from 'node:timers/promises';

const RETRY_INTERVAL_MS = 500;
const MAX_RETRY_MS = 15_000;

/**
 * Postgres may be starting anew: tries again for 15 seconds, because a few of them save every reader of a chunk from doubt.
 * @param onTrouble told of every failure but the last
 * @throws the last failure
 */
export async function retryDatabaseWork(
  work: () => Promise<void>,
  onTrouble: (error: unknown) => void = () => {},
): Promise<void> {
  const giveUpAt = Date.now() + MAX_RETRY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      onTrouble(error);
      await wait(RETRY_INTERVAL_MS);
    }
  }
}
