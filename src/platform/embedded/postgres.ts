import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findBundledPostgres, ensureRunnablePostgres, type PostgresBinaries } from './postgres-binaries.js';
import { prepareCluster, setPassword, type PostgresCluster } from './postgres-cluster.js';
import { UserFacingError } from '../user-facing-error.js';
import { readFileIfExists } from './files.js';
import { stopStaleServer } from './stale-server.js';
import { launchOnFreePort } from './launch-on-free-port.js';
import { logFilePath, readLastLines } from './log-files.js';
import { launchServer, waitUntil, type ServerProcess } from './processes.js';
import type { ServerSetup } from './setup.js';

/** Starts the private Postgres, which is created at the first start. It takes connections once this resolves. */
export async function startPostgres(
  setup: ServerSetup,
): Promise<{ server: ServerProcess; url: string; version: string }> {
  const binaries = await ensureRunnablePostgres(findBundledPostgres(), setup.dataDir, setup.runAs);
  const cluster = await prepareCluster(setup, binaries);
  await stopStaleServer({
    directory: cluster.directory,
    pidFile: pidFilePath(cluster),
    program: /postgres/,
    stopSignal: 'SIGINT',
  });
  await replaceLostPassword(setup, binaries, cluster);
  const launched = await launchOnFreePort({
    name: 'postgres',
    settings: setup.settings,
    launch: (port) => launchPostgres(setup, binaries, cluster, port),
    waitUntilReady: (server) => waitUntilReady(setup, server, cluster),
  });
  if (launched === undefined) throw startFailedError(setup, cluster);
  const url = `postgres://paperround:${cluster.password}@127.0.0.1:${launched.port}/paperround`;
  return { server: launched.server, url, version: binaries.version };
}

async function replaceLostPassword(
  setup: ServerSetup,
  binaries: PostgresBinaries,
  cluster: PostgresCluster,
): Promise<void> {
  if (setup.settings.password('postgres') !== undefined) return;
  await setPassword(setup, binaries, cluster);
  setup.settings.storePassword('postgres', cluster.password);
}

function launchPostgres(
  setup: ServerSetup,
  binaries: PostgresBinaries,
  cluster: PostgresCluster,
  port: number,
): ServerProcess {
  const { dataArgument, ...place } = cluster.spawnPlace;
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Most of the data is in memory or on an SSD, and statements are too short to gain from being compiled.
    random_page_cost: '1.1',
    jit: 'off',
    ...(setup.ephemeral ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return launchServer(binaries.postgres, ['-D', dataArgument, ...args], {
    ...place,
    reaper: setup.reaper,
    logFile: logFilePath(setup.dataDir, 'postgres'),
    stopSignal: 'SIGINT', // fast shutdown: open transactions are rolled back
  });
}

/** Waits for `ready` in line 8 of postmaster.pid, as pg_ctl does. Recovery after a crash may take minutes. */
async function waitUntilReady(
  setup: ServerSetup,
  server: ServerProcess,
  cluster: PostgresCluster,
): Promise<boolean> {
  const isReady = () => {
    const lines = readFileIfExists(pidFilePath(cluster))?.split('\n') ?? [];
    return Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready';
  };
  const isSettled = () => server.hasEnded() || isReady();
  if (!(await waitUntil(5_000, isSettled)))
    setup.report('Postgres is still recovering its data; this may take minutes');
  await waitUntil(600_000, isSettled);
  return !server.hasEnded() && isReady();
}

function startFailedError(setup: ServerSetup, cluster: PostgresCluster): UserFacingError {
  const file = logFilePath(setup.dataDir, 'postgres');
  const state = existsSync(join(cluster.directory, 'PG_VERSION')) ? 'is where it was' : 'was not found';
  return new UserFacingError(
    `The private Postgres did not start. Its data in ${cluster.directory} ${state}. ` +
      `Mend what the end of ${file} says, then start Paperround again:\n${readLastLines(file)}`,
  );
}

const pidFilePath = (cluster: PostgresCluster) => join(cluster.directory, 'postmaster.pid');
