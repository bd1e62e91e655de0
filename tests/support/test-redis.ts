import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '@jest/globals';
import { Redis } from 'ioredis';
import { findFreePort } from '../../src/platform/process/free-port.js';

export type TestRedis = {
  url: string;
  /** Ends it at once, as a power failure would; it stores nothing on disk. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** Sends it a command. */
  command(name: string, ...values: string[]): Promise<unknown>;
};

export type BackendName = 'postgres' | 'redis';

const redisBinary = ['valkey-server', 'redis-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** Whether there is a Redis or Valkey on PATH. */
export const hasRedis = redisBinary !== undefined;

/** The same tests on both backends; without a Redis on PATH, those on Redis are skipped and say so. */
export function describeEachBackend(tests: (backend: BackendName) => void): void {
  describe('on postgres', () => tests('postgres'));
  describeOnRedis(() => tests('redis'));
}

/** Tests that need Redis. */
export function describeOnRedis(tests: () => void): void {
  if (redisBinary === undefined)
    describe.skip('on redis (skipped: no valkey-server or redis-server on PATH)', tests);
  else describe('on redis', tests);
}

/** A Redis of its own on a free port of 127.0.0.1, without persistence. */
export async function startTestRedis(): Promise<TestRedis> {
  const port = await findFreePort();
  let server: ChildProcess | undefined;
  const copyFile = `redis-${port}.rdb`;
  const stopWithUs = () => server?.kill('SIGKILL');
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      process.once('exit', stopWithUs);
      server = spawn(
        redisBinary ?? 'redis-server',
        // A copy writes what it is sent into its folder, and a server that starts there reads it.
        ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dbfilename', copyFile],
        {
          stdio: 'ignore',
          cwd: '/tmp',
        },
      );
      await waitUntilReady(redis);
    },
    kill: async () => {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
      rmSync(`/tmp/${copyFile}`, { force: true });
      process.off('exit', stopWithUs);
    },
    command: (name, ...values) => sendCommand(redis.url, name, values),
  };
  await redis.start();
  return redis;
}

async function waitUntilReady(redis: TestRedis): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await redis.command('ping').catch(() => undefined);
    if (answer === 'PONG') return;
    await sleep(25);
  }
  throw new Error('The Redis of this test did not start.');
}

async function sendCommand(url: string, name: string, values: string[]): Promise<unknown> {
  const client = new Redis(url, {
    lazyConnect: true,
    disconnectTimeout: 50,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.call(name, ...values);
  } finally {
    client.disconnect();
  }
}
