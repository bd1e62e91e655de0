import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServers } from './servers.js';
import { runCommand, type ProcessSettings } from './processes.js';

/** A program that uses the API of a web process, which may be away for a while, and repeats a request until it is answered. */
export type ApiProgram = {
  /**
   * @param key its Idempotency-Key, the same in all tries
   * @returns how many tries had no answer, or one that says to come again
   * @throws when the API refuses it, or never answers
   */
  post(path: string, key: string, body: object): Promise<number>;
};

const RETRY_MS = 100;
const GIVE_UP_MS = 180_000;
/** Of those that are not final: the first request holds the key still, too many requests. */
const TRY_AGAIN_STATUSES = [409, 429];

/** @param port of the web process */
export function createApiProgram(servers: BenchServers, settings: ProcessSettings, port: number): ApiProgram {
  const words = ['token', 'create', '--name', 'program', '--scope', 'read', 'write', 'send', '--json'];
  const { token } = JSON.parse(runCommand(servers, settings, words)) as { token: string };
  return {
    post: async (path, key, body) => {
      const end = Date.now() + GIVE_UP_MS;
      for (let failures = 0; Date.now() < end; failures += 1) {
        const status = await tryOnce(`http://127.0.0.1:${port}/api/v1${path}`, { token, key, body });
        if (status !== undefined && status < 300) return failures;
        if (status !== undefined && status < 500 && !TRY_AGAIN_STATUSES.includes(status))
          throw new Error(`POST ${path} was answered ${status}.`);
        await sleep(RETRY_MS);
      }
      throw new Error(`POST ${path} was not answered within ${GIVE_UP_MS / 1000} s.`);
    },
  };
}

/** An announcement to all confirmed readers. */
export function announcement(subject: string): object {
  return { publication: 'post', articles: [], subject, note: 'We moved.' };
}

/** The status of the answer; undefined: there was none. */
async function tryOnce(
  url: string,
  { token, key, body }: { token: string; key: string; body: object },
): Promise<number | undefined> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(40_000),
  }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status;
}
