import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServers } from './servers.js';
import { runCommand, type ProcessSettings } from './processes.js';

/** A program that orders digests through the API of a web process, and repeats an order until it is answered. */
export type OrderingProgram = {
  /**
   * Orders an announcement to all confirmed readers. `failures`: how many tries had no answer, or one that says to come again.
   * @param key its Idempotency-Key, the same in all tries
   * @throws when the API refuses it, or never answers
   */
  order(key: string): Promise<{ failures: number }>;
};

const RETRY_MS = 100;
const GIVE_UP_MS = 120_000;
/** Of those that are not final: the first request holds the key still, too many requests. */
const TRY_AGAIN_STATUSES = [409, 429];

/** @param port of the web process, which may be away for a while */
export function createOrderingProgram(
  servers: BenchServers,
  settings: ProcessSettings,
  port: number,
): OrderingProgram {
  const words = ['token', 'create', '--name', 'orders', '--scope', 'read', 'send', '--json'];
  const { token } = JSON.parse(runCommand(servers, settings, words)) as { token: string };
  return {
    order: async (key) => {
      const end = Date.now() + GIVE_UP_MS;
      for (let failures = 0; Date.now() < end; failures += 1) {
        const status = await tryOnce(port, token, key);
        if (status === 201) return { failures };
        if (status !== undefined && status < 500 && !TRY_AGAIN_STATUSES.includes(status))
          throw new Error(`POST /digests was answered ${status}.`);
        await sleep(RETRY_MS);
      }
      throw new Error(`POST /digests was not answered within ${GIVE_UP_MS / 1000} s.`);
    },
  };
}

/** The status of the answer; undefined: there was none. */
async function tryOnce(port: number, token: string, key: string): Promise<number | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/digests`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ publication: 'post', articles: [], subject: `Order ${key}`, note: 'We moved.' }),
    signal: AbortSignal.timeout(40_000),
  }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status;
}
