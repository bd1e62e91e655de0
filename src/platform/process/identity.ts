import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { bootId, isSameBoot } from './boot-id.js';
import { readOrUndefined, execOutput } from './read-system.js';

/** Identifies a process, also after its pid was given to another one. */
export type ProcessIdentity = {
  pid: number;
  startedAt: string;
  boot: string;
  namespace: string;
  host: string;
};

const isLinux = process.platform === 'linux';

export function currentProcessIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startedAt: readProcess(process.pid)?.startedAt ?? '',
    boot: bootId(),
    namespace: pidNamespace(),
    host: hostname(),
  };
}

/**
 * Whether that process has certainly ended. False also when we cannot know: it may be in another container, or on
 * another machine that shares the folder.
 */
export function hasProcessEnded({ pid, startedAt, boot, namespace, host }: ProcessIdentity): boolean {
  if (!isSameBoot(boot, bootId())) return host === hostname() && !isRunningSince(pid, startedAt);
  if (namespace !== pidNamespace()) return false;
  if (!isPidInUse(pid)) return true;
  const found = readProcess(pid);
  return found !== undefined && (found.isZombie || found.startedAt !== startedAt);
}

/** Whether the machine was restarted since: what the process wrote last may not have reached the disk. */
export function isFromEarlierBoot({ boot }: ProcessIdentity): boolean {
  return !isSameBoot(boot, bootId());
}

/**
 * Except on Linux, the time at which a process was started is a date: it identifies the process, whatever the clock was
 * set to since. Linux counts from the start of the machine.
 */
function isRunningSince(pid: number, startedAt: string): boolean {
  return !isLinux && readProcess(pid)?.startedAt === startedAt;
}

/**
 * A text that differs between a process of this machine and a later one with its pid. Undefined when the process has
 * ended. Repeated in reaper-script.ts.
 */
export function readPidIdentity(pid: number): string | undefined {
  const found = readProcess(pid);
  if (found === undefined || found.isZombie) return undefined;
  return isLinux ? `${bootId()} ${found.startedAt}` : found.startedAt;
}

/** Whether `pid` is a live process with this working directory, and a command line that matches `program`. */
export function isRunningIn(pid: number, directory: string, program: RegExp): boolean {
  if (readPidIdentity(pid) === undefined) return false;
  return workingDirectory(pid) === directory && program.test(commandLine(pid));
}

/** `isZombie`: it has ended, and its parent has not waited for it yet. */
type FoundProcess = { isZombie: boolean; startedAt: string };

/** Undefined when there is no such process, or we may not read about it. */
function readProcess(pid: number): FoundProcess | undefined {
  return isLinux ? readFromProc(pid) : readFromPs(pid);
}

/** `startedAt` is in clock ticks since the machine was started (proc_pid_stat(5), field 22; field 3 is the state). */
function readFromProc(pid: number): FoundProcess | undefined {
  const stat = readOrUndefined(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // Field 2, the program's name in brackets, may have spaces and brackets in it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, startedAt] = [fields[0], fields[19]];
  if (state === undefined || startedAt === undefined) return undefined;
  return { isZombie: state === 'Z' || state === 'X', startedAt };
}

function readFromPs(pid: number): FoundProcess | undefined {
  const [state = '', ...started] = ps(pid, 'state=,lstart=').trim().split(/\s+/);
  return state === '' ? undefined : { isZombie: state.startsWith('Z'), startedAt: started.join(' ') };
}

/** EPERM: there is such a process, of another user. */
function isPidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function pidNamespace(): string {
  return readOrUndefined(() => readlinkSync('/proc/self/ns/pid')) ?? '';
}

function workingDirectory(pid: number): string | undefined {
  if (isLinux) return readOrUndefined(() => readlinkSync(`/proc/${pid}/cwd`));
  const fields = readOrUndefined(() => execOutput('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn']));
  return /^n(.*)$/m.exec(fields ?? '')?.[1];
}

function commandLine(pid: number): string {
  if (!isLinux) return ps(pid, 'command=');
  return readOrUndefined(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
}

const ps = (pid: number, columns: string): string =>
  readOrUndefined(() => execOutput('ps', ['-p', String(pid), '-o', columns])) ?? '';
