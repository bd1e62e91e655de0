import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJsonIfValid, readFileIfExists, writeFileAtomically } from './files.js';
import { readPidIdentity } from '../process/pid-identity.js';

/** What the process that runs the servers of a data directory tells the others. */
export type OwnerState = {
  pid: number;
  identity: string;
  phase: 'starting' | 'running' | 'stopping';
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
  smtpUrl?: string | undefined;
  publicUrl?: string | undefined;
  postgresVersion?: string | undefined;
};

export type DataDirLock =
  | { kind: 'owner'; publish(change: Partial<OwnerState>): void; release(): void }
  | { kind: 'attached'; state: OwnerState };

type LockFile = { file: string; state: OwnerState };

/**
 * Become the one owner of the data directory, or find the running one; waits while another starts or stops.
 * Everybody writes a file of their own and then looks for others: of two who claim at once at least one sees the
 * other and steps back, and nobody ever removes the file of the living. No file lock survives us: identity decides.
 */
export async function acquireDataDirLock(dataDir: string, say: (line: string) => void): Promise<DataDirLock> {
  const folder = join(dataDir, 'run');
  mkdirSync(folder, { recursive: true });
  for (let round = 0; ; round += 1) {
    const others = listLiveLockFiles(folder);
    const running = others.find(({ state }) => state.phase === 'running');
    if (running !== undefined) return { kind: 'attached', state: running.state };
    const claim = others.length === 0 ? tryLock(folder) : undefined;
    if (claim !== undefined) return claim;
    if (round === 20) say(waitingMessage(others, dataDir));
    await sleep(50 + Math.random() * 150);
  }
}

function tryLock(folder: string): DataDirLock | undefined {
  const file = join(folder, `${randomUUID()}.json`);
  let state: OwnerState = {
    pid: process.pid,
    identity: readPidIdentity(process.pid) ?? '',
    phase: 'starting',
  };
  const publish = (change: Partial<OwnerState>) => {
    state = { ...state, ...change };
    if (existsSync(folder)) writeFileAtomically(file, JSON.stringify(state)); // the data directory may be deleted under us
  };
  const release = () => rmSync(file, { force: true });
  publish({});
  if (listLiveLockFiles(folder).every((claimed) => claimed.file === file))
    return { kind: 'owner', publish, release };
  release();
  return undefined;
}

function listLiveLockFiles(folder: string): LockFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name))
    .flatMap((file) => {
      const state = parseJsonIfValid(readFileIfExists(file)) as OwnerState | undefined;
      if (state !== undefined && readPidIdentity(state.pid) === state.identity) return [{ file, state }];
      rmSync(file, { force: true }); // its name is never used again, so nobody living can lose it
      return [];
    });
}

function waitingMessage(others: LockFile[], dataDir: string): string {
  const pids = others.map(({ state }) => state.pid).join(', ');
  return `Waiting for another Paperround (process ${pids}) that is starting or stopping in ${dataDir}`;
}
