import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { readPidIdentity } from '../../../src/platform/process/identity.js';
import { acquireDataDirLock } from '../../../src/platform/embedded/data-dir-lock.js';
import { createTempDirectory } from '../../support/embedded/server-processes.js';
import { waitUntil } from '../../support/wait-until.js';

let dataDir: string;
jest.setTimeout(60_000);

beforeEach(() => {
  dataDir = createTempDirectory();
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('of processes that try at the same time, no two own a data directory at once', async () => {
  const script = join(import.meta.dirname, '../../support/embedded/data-dir-lock-child.ts');
  const begin = String(Date.now() + 2_500);
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--import', 'tsx', script, dataDir, begin], { stdio: 'inherit' }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
});

test('the lock of a process whose number was given to another does not count, nor does half a file', async () => {
  mkdirSync(join(dataDir, 'run'));
  const deadOwner = { pid: process.pid, identity: 'somebody long ago', phase: 'running' };
  writeFileSync(join(dataDir, 'run/a.json'), JSON.stringify(deadOwner));
  writeFileSync(join(dataDir, 'run/b.json'), '{"pid":');
  const lock = await acquireDataDirLock(dataDir, () => {});
  expect(lock.kind).toBe('owned');
  expect(readdirSync(join(dataDir, 'run'))).toHaveLength(1);
});

test('while another process starts the servers, a second one waits, says so once, and then uses them', async () => {
  const reported: string[] = [];
  const first = await acquireDataDirLock(dataDir, () => {});
  if (first.kind !== 'owned') throw new Error('the first to lock a fresh directory must own it');
  const second = acquireDataDirLock(dataDir, (line) => reported.push(line));
  await waitUntil(() => reported.length > 0);
  await sleep(300); // one look more: it is reported once
  first.writeState({ phase: 'running', databaseUrl: 'postgres://here' });
  expect(await second).toMatchObject({ kind: 'held-by-other', state: { databaseUrl: 'postgres://here' } });
  expect(reported).toEqual([
    expect.stringMatching(new RegExp(`process ${process.pid}.*starting or stopping`)),
  ]);
});

test('a process is told apart from a later one of the same number, and one that has ended has no identity', async () => {
  expect(readPidIdentity(process.pid)).toBe(readPidIdentity(process.pid));
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  await once(child, 'spawn');
  expect(readPidIdentity(child.pid ?? 0)).not.toBe(readPidIdentity(process.pid));
  child.stdin.end();
  await once(child, 'exit');
  expect(readPidIdentity(child.pid ?? 0)).toBeUndefined();
});
