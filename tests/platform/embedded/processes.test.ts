import { setTimeout as sleep } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { readPidIdentity } from '../../../src/platform/process/identity.js';
import {
  stopServersProcess,
  createTempDirectory,
  query,
  startServersInProcess,
  startServersProcess,
  type ServersProcess,
  postgresPid,
} from '../../support/embedded/server-processes.js';
import { waitUntil } from '../../support/wait-until.js';

const cleanUps: (() => unknown)[] = [];
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };
const root = join(import.meta.dirname, '../../..');
const isReadableByNobody = isRoot && spawnSync('ls', [join(root, 'package.json')], nobody).status === 0;
jest.setTimeout(90_000);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

test('a second process uses the running servers, and does not stop them', async () => {
  const dataDir = directory();
  const owner = host({ dataDir });
  const { databaseUrl } = await owner.ready;
  const second = host({ dataDir });
  const attached = await second.ready;
  expect(attached).toMatchObject({ isOwner: false, ownerPid: owner.child.pid, databaseUrl });
  expect(attached.publicUrl).toBe('http://localhost:3456');
  await stopServersProcess(second);
  expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of processes that start at the same moment exactly one owns the servers', async () => {
  const dataDir = directory();
  const hosts = [1, 2, 3].map(() => host({ dataDir }));
  const all = await Promise.all(hosts.map(({ ready }) => ready));
  expect(all.filter(({ isOwner }) => isOwner)).toHaveLength(1);
  expect(new Set(all.map(({ databaseUrl }) => databaseUrl)).size).toBe(1);
});

test('kill -9 leaves no server behind, and the next start finds everything that was committed', async () => {
  const dataDir = directory();
  const first = host({ dataDir, ephemeral: false });
  const { databaseUrl } = await first.ready;
  await query(databaseUrl, 'create table kept as select 1 as one');
  const pids = [postgresPid(dataDir), ...childrenOf(postgresPid(dataDir))];
  expect(pids.length).toBeGreaterThan(3);
  await stopServersProcess(first, 'SIGKILL');
  await waitUntil(() => pids.every((pid) => readPidIdentity(pid) === undefined), 20_000);
  const second = await here({ dataDir });
  expect(second.isOwner).toBe(true);
  expect(await query(second.databaseUrl, 'select * from kept')).toEqual([{ one: 1 }]);
});

test('a start just after kill -9 does not wait for the reaper: it takes over at once', async () => {
  const dataDir = directory();
  const first = host({ dataDir, ephemeral: false });
  const { databaseUrl } = await first.ready;
  await query(databaseUrl, 'create table kept as select 1 as one');
  await stopServersProcess(first, 'SIGKILL');
  const second = await here({ dataDir });
  expect(await query(second.databaseUrl, 'select * from kept')).toEqual([{ one: 1 }]);
});

test('when the reaper is killed too, the next start stops the remaining servers and recovers the data', async () => {
  const dataDir = directory();
  const first = host({ dataDir, ephemeral: false });
  const { databaseUrl } = await first.ready;
  await query(databaseUrl, 'create table kept as select 1 as one');
  const postgres = postgresPid(dataDir);
  const [reaper = Number.NaN] = childrenOf(first.child.pid ?? Number.NaN).filter(isReaper);
  process.kill(reaper, 'SIGKILL');
  await stopServersProcess(first, 'SIGKILL');
  await sleep(300); // nobody is left to stop it
  expect(readPidIdentity(postgres)).toBeDefined();
  const second = await here({ dataDir });
  expect(readPidIdentity(postgres)).toBeUndefined();
  expect(await query(second.databaseUrl, 'select * from kept')).toEqual([{ one: 1 }]);
});

test('Ctrl-C reaches the process, which can still finish its work on the database', async () => {
  const dataDir = directory();
  const running = host({ dataDir });
  const { databaseUrl } = await running.ready;
  const pid = running.child.pid ?? Number.NaN;
  process.kill(-pid, 'SIGINT'); // what a terminal does: to the whole process group
  await running.waitForEvent('interrupted');
  await sleep(300); // a signal that reached Postgres would have ended it
  expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(running.lines.filter(({ event }) => event === 'death')).toEqual([]);
});

test('a first start that is killed half-way leaves nothing broken', async () => {
  const dataDir = directory();
  const first = host({ dataDir, ephemeral: false });
  const half = () =>
    existsSync(dataDir) && readdirSync(dataDir).some((name) => name.startsWith('postgres.new-'));
  await waitUntil(half, 20_000);
  await stopServersProcess(first, 'SIGKILL');
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  const second = await here({ dataDir });
  expect(await query(second.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres.new-'))).toEqual([]);
});

test('a killed process takes its ephemeral directory with it', async () => {
  const dataDir = directory();
  const running = host({ dataDir, ephemeral: true });
  await running.ready;
  await stopServersProcess(running, 'SIGKILL');
  await waitUntil(() => !existsSync(dataDir), 20_000);
});

const asRoot = isRoot ? test : test.skip;
const asNobody = isReadableByNobody ? test : test.skip;

asRoot('root starts the servers as somebody else (only when run as root)', async () => {
  const dataDir = directory();
  const servers = await here({ dataDir });
  const { uid } = statSync(`/proc/${postgresPid(dataDir)}`);
  expect(uid).not.toBe(0);
  expect(statSync(join(dataDir, 'postgres')).uid).toBe(uid);
  expect(await query(servers.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

asRoot(
  'root starts the servers as the owner of the folder the data lies in (only when run as root)',
  async () => {
    const folder = directory();
    chownSync(folder, nobody.uid, nobody.gid);
    const dataDir = join(folder, '.data');
    await here({ dataDir });
    expect(statSync(`/proc/${postgresPid(dataDir)}`).uid).toBe(nobody.uid);
  },
);

asRoot(
  'root below a directory closed to everyone else still has its data there (only when run as root)',
  async () => {
    const closed = directory();
    chmodSync(closed, 0o700);
    const dataDir = join(closed, '.data');
    const first = await here({ dataDir, redis: true, searchPath: process.env['PATH'] ?? '' });
    await query(first.databaseUrl, 'create table kept as select 1 as one');
    expect(statSync(`/proc/${postgresPid(dataDir)}`).uid).not.toBe(0);
    await first.stop();
    const second = await here({ dataDir });
    expect(await query(second.databaseUrl, 'select * from kept')).toEqual([{ one: 1 }]);
    expect(existsSync(join(dataDir, 'postgres/PG_VERSION'))).toBe(true);
  },
);

asNobody(
  'an ordinary user starts them as themselves (only as root, in a checkout that others may read)',
  async () => {
    const dataDir = directory();
    chownSync(dataDir, nobody.uid, nobody.gid);
    const running = host({ dataDir, ephemeral: false }, nobody);
    const { databaseUrl, uid } = await running.ready;
    expect(uid).toBe(nobody.uid);
    expect(statSync(`/proc/${postgresPid(dataDir)}`).uid).toBe(nobody.uid);
    expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  },
);

asNobody(
  'an ordinary user who finds files of root is told so (only as root, in a checkout that others may read)',
  async () => {
    const dataDir = directory();
    chmodSync(dataDir, 0o755);
    mkdirSync(join(dataDir, 'run'), { mode: 0o700 });
    const running = host({ dataDir }, nobody);
    await expect(running.ready).rejects.toThrow(/may not be used by this user/);
  },
);

function directory(): string {
  const path = createTempDirectory();
  chmodSync(path, 0o755);
  cleanUps.push(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

function host(...[options, user]: Parameters<typeof startServersProcess>): ServersProcess {
  const running = startServersProcess(options, user);
  cleanUps.push(() => stopServersProcess(running));
  return running;
}

async function here(
  options: Parameters<typeof startServersInProcess>[0],
): ReturnType<typeof startServersInProcess> {
  const servers = await startServersInProcess(options);
  cleanUps.push(() => servers.stop());
  return servers;
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}

const isReaper = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dismissed');
