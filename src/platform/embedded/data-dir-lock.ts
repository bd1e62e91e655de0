import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readPidIdentity } from '../process/identity.js';
import { writeFileAtomically } from '../process/write-file.js';
import { readJsonFile } from './files.js';

/** What a start has from its settings, which another shell may not know. */
const startSettings = z.object({
  production: z.boolean(),
  databaseUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  smtpUrl: z.string().optional(),
  secretKeys: z.array(z.string()).optional(),
});
export type StartSettings = z.infer<typeof startSettings>;

const ownerState = z.object({
  pid: z.int(),
  identity: z.string(),
  phase: z.enum(['starting', 'running', 'stopping']),
  databaseUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  smtpUrl: z.string().optional(),
  publicUrl: z.string().optional(),
  postgresVersion: z.string().optional(),
  settings: startSettings.optional(),
});

/** What the process that runs a data directory's servers tells other processes, in its lock file. */
export type OwnerState = z.infer<typeof ownerState>;

export type DataDirLock =
  | { kind: 'owned'; writeState(change: Partial<OwnerState>): void; release(): void }
  | { kind: 'held-by-other'; state: OwnerState };

type LockFile = { file: string; state: OwnerState };

/**
 * Makes this process the only owner of the data directory, or finds the owner. Waits while another one starts or stops.
 *
 * Each process writes a lock file of its own and then looks for others. Of two that try at once, at least one sees the other's
 * file, and removes its own. Nobody removes the file of a live process; the file of one that has ended, which the identity in
 * it shows, is ignored and removed.
 */
export async function acquireDataDirLock(
  dataDir: string,
  report: (line: string) => void,
): Promise<DataDirLock> {
  const folder = join(dataDir, 'run');
  mkdirSync(folder, { recursive: true });
  for (let round = 0; ; round += 1) {
    const others = listLiveLockFiles(folder);
    const running = others.find(({ state }) => state.phase === 'running');
    if (running !== undefined) return { kind: 'held-by-other', state: running.state };
    const lock = others.length === 0 ? tryLock(folder) : undefined;
    if (lock !== undefined) return lock;
    if (round === 20) report(waitingMessage(others, dataDir));
    await sleep(50 + Math.random() * 150);
  }
}

/** The process that runs with this data directory, if there is one: by its lock, or in production by its notice. */
export function findRunningStart(dataDir: string): OwnerState | undefined {
  const folder = join(dataDir, 'run');
  if (!existsSync(folder)) return undefined;
  return listLiveLockFiles(folder).find(({ state }) => state.phase === 'running')?.state;
}

/**
 * For a process that needs no servers of ours, of which there may be several: a notice in the data directory, so that a
 * command in a shell that knows none of its settings does not begin with a database of its own. In production no secret is
 * in it.
 */
export function announceStart(
  dataDir: string,
  settings: StartSettings,
  publicUrl: string,
): { remove(): void } {
  const folder = join(dataDir, 'run');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${randomUUID()}.json`);
  const state: OwnerState = {
    pid: process.pid,
    identity: readPidIdentity(process.pid) ?? '',
    phase: 'running',
    publicUrl,
    settings: settings.production ? { production: true } : settings,
  };
  writeFileAtomically(file, JSON.stringify(state));
  return { remove: () => rmSync(file, { force: true }) };
}

function tryLock(folder: string): DataDirLock | undefined {
  const file = join(folder, `${randomUUID()}.json`);
  let state: OwnerState = {
    pid: process.pid,
    identity: readPidIdentity(process.pid) ?? '',
    phase: 'starting',
  };
  const writeState = (change: Partial<OwnerState>) => {
    state = { ...state, ...change };
    if (existsSync(folder)) writeFileAtomically(file, JSON.stringify(state)); // the data directory may have been deleted meanwhile
  };
  const release = () => rmSync(file, { force: true });
  writeState({});
  if (listLiveLockFiles(folder).every((locked) => locked.file === file))
    return { kind: 'owned', writeState, release };
  release();
  return undefined;
}

function listLiveLockFiles(folder: string): LockFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name))
    .flatMap((file) => {
      const state = readJsonFile(file, ownerState);
      if (state !== undefined && readPidIdentity(state.pid) === state.identity) return [{ file, state }];
      rmSync(file, { force: true }); // its name is never used again, so no live process can lose its file
      return [];
    });
}

function waitingMessage(others: LockFile[], dataDir: string): string {
  const pids = others.map(({ state }) => state.pid).join(', ');
  return `Waiting for another Paperround (process ${pids}) that is starting or stopping in ${dataDir}`;
}
