import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StartSettings } from './data-dir-lock.js';
import { startInbox } from './inbox.js';
import { logFilePath, rotateLargeLog } from './log-files.js';
import { openServerSettingsStore } from './server-settings-store.js';
import { startPostgres } from './postgres.js';
import type { ServerProcess } from './processes.js';
import { startReaper } from './reaper.js';
import { startRedis } from './redis.js';
import { canEnterDirectory, chooseRunAs } from './run-as.js';
import { unreachableDataDirError } from './startup-errors.js';
import type { ServerSetup } from './setup.js';

export type EmbeddedOptions = {
  dataDir: string;
  postgres: boolean;
  redis: boolean;
  inbox: boolean;
  isExclusive?: boolean; // for short commands: other processes wait, instead of attaching to servers that are about to stop
  settings?: StartSettings; // told to commands in shells that do not know them
  ephemeral?: boolean; // for tests: nothing is synced to disk, the directory is removed by stop()
  searchPath: string; // where to look for Redis, as in PATH
  report: (line: string) => void; // one line a person should see
  onServerExit: (sentence: string) => void; // one of our servers ended by itself; called once, the caller should exit
};

export type Stoppable = { stop(): Promise<void> };

type StartedServers = {
  databaseUrl: string | undefined;
  postgresVersion: string | undefined;
  redisUrl: string | undefined;
  smtpUrl: string | undefined;
};

const NO_SERVERS: StartedServers = {
  databaseUrl: undefined,
  postgresVersion: undefined,
  redisUrl: undefined,
  smtpUrl: undefined,
};

/**
 * Starts the requested servers, one after the other. Each that has started is added to `started`, so that the caller can stop
 * them when a later one fails. `onEnd` is called for every server that ends, also when it was stopped.
 */
export async function startRequestedServers(
  options: EmbeddedOptions,
  started: Stoppable[],
  onEnd: (name: string, how: string) => void,
): Promise<StartedServers> {
  if (!options.postgres && !options.redis && !options.inbox) return NO_SERVERS;
  const setup = await createSetup(options);
  started.push({ stop: async () => setup.reaper.dismiss() });
  const track = <T extends { server: ServerProcess }>(name: string, running: T): T => {
    started.push(running.server);
    void running.server.ended.then((how) => onEnd(name, how));
    return running;
  };
  const postgres = options.postgres ? track('Postgres', await startPostgres(setup)) : undefined;
  const redis = options.redis ? await startRedis(setup) : undefined;
  if (redis !== undefined) track('Redis', redis);
  const inbox = options.inbox ? await startInboxOnReservedPort(setup) : undefined;
  if (inbox !== undefined) started.push(inbox);
  return {
    databaseUrl: postgres?.url,
    postgresVersion: postgres?.version,
    redisUrl: redis?.url,
    smtpUrl: inbox?.smtpUrl,
  };
}

async function createSetup(options: EmbeddedOptions): Promise<ServerSetup> {
  const { dataDir, ephemeral = false, searchPath, report } = options;
  const runAs = await chooseRunAs(dataDir);
  const isReachable = await canEnterDirectory(runAs, dataDir);
  if (!isReachable && process.platform !== 'linux') throw unreachableDataDirError(dataDir);
  mkdirSync(join(dataDir, 'log'), { recursive: true });
  for (const name of ['postgres', 'redis'] as const) rotateLargeLog(logFilePath(dataDir, name));
  const reaper = startReaper();
  if (ephemeral) reaper.removeAfterwards(dataDir);
  const settings = openServerSettingsStore(join(dataDir, 'servers.json'));
  return { dataDir, runAs, isReachable, ephemeral, searchPath, settings, reaper, report };
}

async function startInboxOnReservedPort({
  dataDir,
  settings,
}: ServerSetup): Promise<{ smtpUrl: string } & Stoppable> {
  return startInbox({ dir: join(dataDir, 'inbox'), port: await settings.reservePort('smtp') });
}
