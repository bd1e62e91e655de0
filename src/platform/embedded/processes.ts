import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reaper } from './reaper.js';

/** The unprivileged user that the servers run as when we are root: Postgres refuses to run as root. */
export type RunAs = { name: string; uid: number; gid: number };

type SpawnPlace = { runAs?: RunAs | undefined; cwd?: string; searchPath?: string };

/** A server that we started. `ended` resolves with how it ended, whoever ended it. */
export type ServerProcess = {
  pid: number | undefined;
  ended: Promise<string>;
  hasEnded(): boolean;
  stop(): Promise<void>;
};

/** Runs a program to its end. `code` is undefined when it could not be started or was killed. Never rejects. */
export async function runCommand(
  command: string,
  args: string[],
  place: SpawnPlace & { input?: string; reaper?: Reaper },
): Promise<{ code: number | undefined; output: string }> {
  const child = spawn(command, args, { ...spawnOptions(place), stdio: ['pipe', 'pipe', 'pipe'] });
  if (child.pid !== undefined) place.reaper?.watch(child.pid, 'SIGTERM');
  child.stdin.on('error', () => {}); // it may end without reading everything
  child.stdin.end(place.input ?? '');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: undefined, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? undefined, output }));
  });
}

/** Starts a server, with its output in `logFile`. `stop` sends it `stopSignal`, and SIGKILL if it still runs after 60 s. */
export function launchServer(
  command: string,
  args: string[],
  place: SpawnPlace & { input?: string; reaper: Reaper; logFile: string; stopSignal: NodeJS.Signals },
): ServerProcess {
  const log = openSync(place.logFile, 'a', 0o600);
  const child = spawn(command, args, { ...spawnOptions(place), stdio: ['pipe', log, log] });
  closeSync(log);
  if (child.pid !== undefined) place.reaper.watch(child.pid, place.stopSignal);
  child.stdin?.on('error', () => {});
  child.stdin?.end(place.input ?? '');
  child.unref();
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const stop = () => stopChild(child, place.stopSignal, hasEnded);
  return { pid: child.pid, ended, hasEnded, stop: async () => void (await Promise.all([stop(), ended])) };
}

/** Calls `holds` every 20 ms until it is true. Resolves with false when it is not within that many milliseconds. */
export async function waitUntil(
  milliseconds: number,
  holds: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
}

async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals,
  hasEnded: () => boolean,
): Promise<void> {
  child.ref();
  child.kill(signal);
  if (!(await waitUntil(60_000, hasEnded))) child.kill('SIGKILL');
}

/** Detached, so that Ctrl-C reaches only this process, and without this process's environment. */
function spawnOptions({ runAs, cwd = '/', searchPath = '/usr/bin:/bin' }: SpawnPlace): SpawnOptions {
  const user = runAs === undefined ? {} : { uid: runAs.uid, gid: runAs.gid };
  return { ...user, cwd, detached: true, env: { PATH: searchPath, LC_ALL: 'C', TZ: 'UTC' } };
}
