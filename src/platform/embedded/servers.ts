import { mkdir, realpath, rm } from 'node:fs/promises';
import { hasErrorCode } from './files.js';
import {
  acquireDataDirLock,
  type DataDirLock,
  type OwnerState,
  type StartSettings,
} from './data-dir-lock.js';
import {
  otherDatabaseError,
  productionRunsError,
  serverExitedMessage,
  permissionError,
} from './startup-errors.js';
import { startRequestedServers, type EmbeddedOptions, type Stoppable } from './start-requested.js';

export type EmbeddedServers = {
  isOwner: boolean; // false: attached to the servers of another running process of this data directory
  ownerPid: number;
  databaseUrl: string | undefined; // when Postgres was asked for; database and user are called paperround
  redisUrl: string | undefined; // undefined also when no valkey-server or redis-server >= 6.2 was found or started
  smtpUrl: string | undefined; // when the inbox was asked for
  publicUrl: string | undefined; // what the owner published
  postgresVersion: string | undefined; // as in '18.4'
  settings: StartSettings | undefined; // those of the owner's shell
  publishUrl(publicUrl: string): void; // the owner tells its address to commands and to a second start
  stop(): Promise<void>; // the owner stops what it started; may be called again; attached: nothing happens
};

/**
 * Starts the private servers of a data directory, or attaches to those of the process that runs them already. Those that it
 * starts end with this process, however it ends.
 * @throws UserFacingError with a sentence for the person at the terminal
 */
export async function startServers(options: EmbeddedOptions): Promise<EmbeddedServers> {
  try {
    await mkdir(options.dataDir, { recursive: true });
    const dataDir = await realpath(options.dataDir);
    const lock = await acquireDataDirLock(dataDir, options.report);
    if (lock.kind === 'held-by-other') return attachToOwner(lock.state, options);
    return await startAsOwner({ ...options, dataDir }, lock);
  } catch (error) {
    throw hasErrorCode(error, 'EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR')
      ? permissionError(options.dataDir, error)
      : error;
  }
}

async function startAsOwner(
  options: EmbeddedOptions,
  lock: DataDirLock & { kind: 'owned' },
): Promise<EmbeddedServers> {
  const started: Stoppable[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopAll(options, lock, started));
  let hasReported = false;
  const reportExit = (name: string, how: string) => {
    if (stopped === undefined && !hasReported)
      options.onServerExit(serverExitedMessage(options.dataDir, name, how));
    hasReported = true;
  };
  try {
    const urls = await startRequestedServers(options, started, reportExit);
    const phase = options.isExclusive === true ? 'starting' : 'running';
    lock.writeState({
      ...urls,
      phase,
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
    const publishUrl = (publicUrl: string) => lock.writeState({ publicUrl });
    return {
      isOwner: true,
      ownerPid: process.pid,
      ...urls,
      publicUrl: undefined,
      settings: options.settings,
      publishUrl,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Stops them in reverse order; the reaper was started first, so it is dismissed last. */
async function stopAll(
  { dataDir, ephemeral = false }: EmbeddedOptions,
  lock: DataDirLock & { kind: 'owned' },
  started: Stoppable[],
): Promise<void> {
  lock.writeState({ phase: 'stopping' });
  for (const server of started.toReversed()) await server.stop();
  lock.release();
  if (ephemeral) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

function attachToOwner(state: OwnerState, options: EmbeddedOptions): EmbeddedServers {
  if (state.settings?.production === true) throw productionRunsError(state.pid, options.dataDir);
  if (options.postgres && state.databaseUrl === undefined && state.settings?.databaseUrl === undefined)
    throw otherDatabaseError(state.pid, options.dataDir);
  return {
    isOwner: false,
    ownerPid: state.pid,
    databaseUrl: options.postgres ? state.databaseUrl : undefined,
    redisUrl: options.redis ? state.redisUrl : undefined,
    smtpUrl: options.inbox ? state.smtpUrl : undefined,
    publicUrl: state.publicUrl,
    postgresVersion: options.postgres ? state.postgresVersion : undefined,
    settings: state.settings,
    publishUrl: () => {},
    stop: async () => {},
  };
}
