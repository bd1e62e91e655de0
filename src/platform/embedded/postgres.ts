import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPostgres, runnablePostgres, type Binaries } from './binaries.js';
import { prepareCluster, setPassword, type Cluster } from './cluster.js';
import { ExplainedError } from '../explained-error.js';
import { readIfThere } from './files.js';
import { clearLeftover } from './leftovers.js';
import { logFile, lastLines } from './logs.js';
import { launch, within, type ServerProcess } from './processes.js';
import type { Setup } from './setup.js';

/** Start the private Postgres: made on the first start, found again later. Ready for connections when this resolves. */
export async function startPostgres(
  setup: Setup,
): Promise<{ server: ServerProcess; url: string; version: string }> {
  const binaries = await runnablePostgres(bundledPostgres(), setup.dataDir, setup.runAs);
  const cluster = await prepareCluster(setup, binaries);
  await clearLeftover({
    directory: cluster.directory,
    pidFile: pidFileOf(cluster),
    program: /postgres/,
    stopSignal: 'SIGINT',
  });
  await replaceLostPassword(setup, binaries, cluster);
  const { server, port } = await launchOnFreePort(setup, binaries, cluster);
  const url = `postgres://paperround:${cluster.password}@127.0.0.1:${port}/paperround`;
  return { server, url, version: binaries.version };
}

async function replaceLostPassword(setup: Setup, binaries: Binaries, cluster: Cluster): Promise<void> {
  if (setup.memory.password('postgres') !== undefined) return;
  await setPassword(setup, binaries, cluster);
  setup.memory.keepPassword('postgres', cluster.password);
}

/** Between our finding a free port and Postgres taking it somebody else may: then we try another. */
async function launchOnFreePort(
  setup: Setup,
  binaries: Binaries,
  cluster: Cluster,
): Promise<{ server: ServerProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await setup.memory.takePort('postgres');
    const server = launchPostgres(setup, binaries, cluster, port);
    if (await becomesReady(setup, server, cluster)) return { server, port };
    await server.stop();
    const wasTaken = (await setup.memory.takePort('postgres')) !== port;
    if (!wasTaken || attempt === 5) throw didNotStart(setup, cluster);
  }
}

function launchPostgres(setup: Setup, binaries: Binaries, cluster: Cluster, port: number): ServerProcess {
  const { dataArgument, ...place } = cluster.place;
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Most of the data is in memory or on an SSD, and every statement here is a short one.
    random_page_cost: '1.1',
    jit: 'off',
    ...(setup.ephemeral ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return launch(binaries.postgres, ['-D', dataArgument, ...args], {
    ...place,
    reaper: setup.reaper,
    logFile: logFile(setup.dataDir, 'postgres'),
    stopSignal: 'SIGINT', // fast shutdown: open transactions are rolled back, nobody is waited for
  });
}

/** Line 8 of postmaster.pid tells, as pg_ctl reads it. Recovery after a crash may take its time. */
async function becomesReady(setup: Setup, server: ServerProcess, cluster: Cluster): Promise<boolean> {
  const isReady = () => {
    const lines = readIfThere(pidFileOf(cluster))?.split('\n') ?? [];
    return Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready';
  };
  const isSettled = () => server.hasEnded() || isReady();
  if (!(await within(5_000, isSettled)))
    setup.say('Postgres is still recovering its data; this may take minutes');
  await within(600_000, isSettled);
  return !server.hasEnded() && isReady();
}

function didNotStart(setup: Setup, cluster: Cluster): ExplainedError {
  const file = logFile(setup.dataDir, 'postgres');
  const state = existsSync(join(cluster.directory, 'PG_VERSION')) ? 'is where it was' : 'was not found';
  return new ExplainedError(
    `The private Postgres did not start. Its data in ${cluster.directory} ${state}. ` +
      `Mend what the end of ${file} says, then start Paperround again:\n${lastLines(file)}`,
  );
}

const pidFileOf = (cluster: Cluster) => join(cluster.directory, 'postmaster.pid');
