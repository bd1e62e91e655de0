import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { UserFacingError } from '../../../src/platform/user-facing-error.js';
import { readPidIdentity } from '../../../src/platform/process/identity.js';
import {
  createTempDirectory,
  query,
  startServersInProcess,
  postgresPid,
} from '../../support/embedded/server-processes.js';
import { waitUntil } from '../../support/wait-until.js';

const cleanUps: (() => unknown)[] = [];
jest.setTimeout(60_000);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

test('the first start makes a database, and the second finds the data on the same port', async () => {
  const dataDir = directory();
  const first = await start({ dataDir });
  await query(first.databaseUrl, `create table kept as select 'paper' as word`);
  await first.stop();
  const second = await start({ dataDir });
  expect(await query(second.databaseUrl, 'select word from kept')).toEqual([{ word: 'paper' }]);
  expect(second.databaseUrl).toBe(first.databaseUrl);
  expect(first.said).toEqual(['Preparing a private Postgres (first start only)']);
  expect(second.said).toEqual([]);
});

test('the database is durable, private, in UTC and sorts by code point', async () => {
  const servers = await start({ dataDir: directory() });
  const settings = ['fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'timezone'];
  const names = [...settings, 'unix_socket_directories', 'max_connections', 'password_encryption'];
  const values = await Promise.all(names.map((name) => query(servers.databaseUrl, `show ${name}`)));
  const shown = values.map(([row]) => Object.values(row ?? {})[0]);
  expect(shown).toEqual(['on', 'on', 'on', '127.0.0.1', 'UTC', '', '200', 'scram-sha-256']);
  const locale = `select datlocprovider as p, datlocale as l from pg_database where datname = 'paperround'`;
  expect(await query(servers.databaseUrl, locale)).toEqual([{ p: 'b', l: 'C.UTF-8' }]);
  const [version] = await query(servers.databaseUrl, 'show server_version');
  expect(version).toEqual({ server_version: servers.postgresVersion });
});

test('nobody can connect without the password', async () => {
  const servers = await start({ dataDir: directory(), ephemeral: true });
  const url = new URL(servers.databaseUrl ?? '');
  url.password = 'guess';
  await expect(query(url.href, 'select 1')).rejects.toThrow(/password authentication failed/);
});

test('a lost password file costs no data', async () => {
  const dataDir = directory();
  const first = await start({ dataDir });
  await query(first.databaseUrl, 'create table kept (id int)');
  await first.stop();
  rmSync(join(dataDir, 'servers.json'));
  const second = await start({ dataDir });
  expect(await query(second.databaseUrl, 'select * from kept')).toEqual([]);
  expect(passwordOf(second.databaseUrl)).not.toBe(passwordOf(first.databaseUrl));
});

test('when its port is taken Postgres uses another', async () => {
  const dataDir = directory();
  const first = await start({ dataDir });
  await first.stop();
  await occupy(portOf(first.databaseUrl));
  const second = await start({ dataDir });
  expect(portOf(second.databaseUrl)).not.toBe(portOf(first.databaseUrl));
  expect(await query(second.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('two data directories run side by side', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => start({ dataDir: directory(), ephemeral: true })));
  expect(portOf(one?.databaseUrl)).not.toBe(portOf(two?.databaseUrl));
  await query(one?.databaseUrl, 'create table only_in_one (id int)');
  await expect(query(two?.databaseUrl, 'select * from only_in_one')).rejects.toThrow(/does not exist/);
});

test('a pid file whose number now belongs to another program is no obstacle, and that program lives on', async () => {
  const dataDir = directory();
  await (await start({ dataDir })).stop();
  const parent = process.ppid;
  writeFileSync(
    join(dataDir, 'postgres/postmaster.pid'),
    `${parent}\n${dataDir}/postgres\n1\n5432\n\n\n\nready\n`,
  );
  const again = await start({ dataDir });
  expect(await query(again.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(readPidIdentity(parent)).toBeDefined();
});

test('when Postgres is killed the caller is told once, in a sentence for the terminal', async () => {
  const dataDir = directory();
  const servers = await start({ dataDir, ephemeral: true });
  process.kill(postgresPid(dataDir), 'SIGKILL');
  await waitUntil(() => servers.deaths.length > 0, 10_000);
  expect(servers.deaths).toEqual([
    expect.stringMatching(/^The private Postgres ended by itself \(signal SIGKILL\)/),
  ]);
  expect(servers.deaths[0]).toContain('postgres.log');
});

test('stopping twice stops once, is not reported as a crash, and removes an ephemeral directory', async () => {
  const dataDir = directory();
  const servers = await start({ dataDir, ephemeral: true });
  const pid = postgresPid(dataDir);
  await Promise.all([servers.stop(), servers.stop()]);
  await servers.stop();
  expect(readPidIdentity(pid)).toBeUndefined();
  expect(servers.deaths).toEqual([]);
  expect(existsSync(dataDir)).toBe(false);
});

test('data of another major version is refused with a reason and not changed', async () => {
  const dataDir = directory();
  mkdirSync(join(dataDir, 'postgres'));
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '16\n');
  const failure = await start({ dataDir }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserFacingError);
  expect(String(failure)).toMatch(/made by Postgres 16, .* brings Postgres 18/);
  expect(readFileSync(join(dataDir, 'postgres/PG_VERSION'), 'utf8')).toBe('16\n');
});

test('an incomplete cluster of an interrupted first start is deleted', async () => {
  const dataDir = directory();
  const half = join(dataDir, 'postgres.new-0123456789ab');
  mkdirSync(half);
  writeFileSync(join(half, 'PG_VERSION'), '18\n');
  const servers = await start({ dataDir, ephemeral: true });
  expect(await query(servers.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(existsSync(half)).toBe(false);
});

test('a second start in the same process uses the running servers', async () => {
  const dataDir = directory();
  const owner = await start({ dataDir, ephemeral: true });
  owner.publishUrl('http://localhost:3456');
  const second = await start({ dataDir });
  expect([second.isOwner, second.ownerPid, second.databaseUrl]).toEqual([
    false,
    process.pid,
    owner.databaseUrl,
  ]);
  expect(second.publicUrl).toBe('http://localhost:3456');
  await second.stop();
  expect(await query(owner.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a process that needs the private database does not use a process that has another', async () => {
  const dataDir = directory();
  await start({ dataDir, postgres: false });
  await expect(start({ dataDir })).rejects.toThrow(/a database of its own choice.*Set DATABASE_URL/);
});

function directory(): string {
  const dataDir = createTempDirectory();
  cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  return dataDir;
}

async function start(
  options: Parameters<typeof startServersInProcess>[0],
): ReturnType<typeof startServersInProcess> {
  const servers = await startServersInProcess(options);
  cleanUps.push(() => servers.stop());
  return servers;
}

async function occupy(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  cleanUps.push(() => server.close());
}

const portOf = (url: string | undefined) => Number(new URL(url ?? '').port);
const passwordOf = (url: string | undefined) => new URL(url ?? '').password;
