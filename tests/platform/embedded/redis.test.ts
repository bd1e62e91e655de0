import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { readPidIdentity } from '../../../src/platform/process/identity.js';
import {
  stopServersProcess,
  createTempDirectory,
  startServersInProcess,
  startServersProcess,
} from '../../support/embedded/server-processes.js';
import { waitUntil } from '../../support/wait-until.js';

const cleanUps: (() => unknown)[] = [];
const searchPath = process.env['PATH'] ?? '';
const found = ['valkey-server', 'redis-server'].some((name) => spawnSync(name, ['--version']).status === 0);
const withRedis = found ? test : test.skip;
jest.setTimeout(60_000);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

withRedis(
  'a Redis found on PATH is private, keeps every job, and keeps it over a restart (needs one)',
  async () => {
    const dataDir = directory();
    const first = await start({ dataDir, searchPath });
    const client = connect(first.redisUrl);
    expect(await client.config('GET', '*policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    await client.set('kept', 'paper');
    client.disconnect();
    await first.stop();
    const second = await start({ dataDir, searchPath });
    expect(await connect(second.redisUrl).get('kept')).toBe('paper');
  },
);

withRedis(
  'nobody gets in without the password, and no process list shows it (needs Redis on PATH)',
  async () => {
    const dataDir = directory();
    const servers = await start({ dataDir, searchPath });
    const url = new URL(servers.redisUrl ?? '');
    const commandLine = readFileSync(`/proc/${redisPid(dataDir)}/cmdline`, 'utf8');
    expect(commandLine).not.toContain(url.password);
    url.password = 'guess';
    await expect(connect(url.href).get('kept')).rejects.toThrow(/WRONGPASS|NOAUTH/);
  },
);

withRedis('a Redis that is killed is a death in a sentence (needs Redis on PATH)', async () => {
  const dataDir = directory();
  const servers = await start({ dataDir, searchPath });
  process.kill(redisPid(dataDir), 'SIGKILL');
  await waitUntil(() => servers.deaths.length > 0, 10_000);
  expect(servers.deaths[0]).toMatch(/^The private Redis ended by itself \(signal SIGKILL\).*redis\.log/);
});

withRedis('kill -9 of the process leaves no Redis behind (needs Redis on PATH)', async () => {
  const dataDir = directory();
  const running = startServersProcess({ dataDir, searchPath });
  cleanUps.push(() => stopServersProcess(running));
  await running.ready;
  const pid = redisPid(dataDir);
  expect(readPidIdentity(pid)).toBeDefined();
  await stopServersProcess(running, 'SIGKILL');
  await waitUntil(() => readPidIdentity(pid) === undefined, 20_000);
});

test('without Redis on PATH none is started, and nothing is reported', async () => {
  const servers = await start({ dataDir: directory(), searchPath: directory() });
  expect([servers.redisUrl, servers.said]).toEqual([undefined, []]);
});

test('a Redis older than 6.2 is not used', async () => {
  const folder = pretendRedis('echo "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64"');
  const servers = await start({ dataDir: directory(), searchPath: folder });
  expect(servers.redisUrl).toBeUndefined();
});

test('a Redis that does not start is reported, and the start goes on', async () => {
  const folder = pretendRedis('if [ "$1" = --version ]; then echo "Redis server v=7.2.0"; else exit 1; fi');
  const servers = await start({ dataDir: directory(), searchPath: folder });
  expect(servers.redisUrl).toBeUndefined();
  expect(servers.said).toEqual([
    expect.stringMatching(/did not start, so the queue runs on Postgres.*redis\.log/),
  ]);
  expect(servers.deaths).toEqual([]);
});

function directory(): string {
  const folder = createTempDirectory();
  chmodSync(folder, 0o755);
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

async function start(
  options: Parameters<typeof startServersInProcess>[0],
): ReturnType<typeof startServersInProcess> {
  const servers = await startServersInProcess({ postgres: false, redis: true, ...options });
  cleanUps.push(() => servers.stop());
  return servers;
}

function connect(url: string | undefined): Redis {
  const client = new Redis(url ?? '', { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  cleanUps.push(() => client.disconnect());
  return client;
}

/** A folder for PATH with a shell script instead of Redis. */
function pretendRedis(script: string): string {
  const folder = directory();
  writeFileSync(join(folder, 'redis-server'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

function redisPid(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, 'redis/redis.pid'), 'utf8'), 10);
}
