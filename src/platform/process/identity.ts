import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** Names one process for as long as the machine runs, also after its number was given to another. */
export type ProcessIdentity = {
  pid: number;
  startedAt: string;
  boot: string;
  namespace: string;
  host: string;
};

const isLinux = process.platform === 'linux';

/** This process. */
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
 * Is that process certainly gone? False also when we cannot tell: it may be in another container, or on another machine
 * that shares the folder.
 */
export function hasProcessEnded({ pid, startedAt, boot, namespace, host }: ProcessIdentity): boolean {
  if (boot !== bootId()) return host === hostname();
  if (namespace !== pidNamespace()) return false;
  if (!isPidInUse(pid)) return true;
  const found = readProcess(pid);
  return found !== undefined && (found.isZombie || found.startedAt !== startedAt);
}

/** The machine has been started anew since: what was written just before may not have reached the disk. */
export function isFromEarlierBoot({ boot }: ProcessIdentity): boolean {
  return boot !== bootId();
}

/**
 * Tells a process of this machine from a later one that was given the same number. Undefined when it has ended.
 * The reaper works it out in the same way: see reaper-script.ts.
 */
export function readPidIdentity(pid: number): string | undefined {
  const found = readProcess(pid);
  if (found === undefined || found.isZombie) return undefined;
  return isLinux ? `${bootId()} ${found.startedAt}` : found.startedAt;
}

/** Is `pid` a live process with this working directory whose command line matches `program`? */
export function isRunningIn(pid: number, directory: string, program: RegExp): boolean {
  if (readPidIdentity(pid) === undefined) return false;
  return workingDirectory(pid) === directory && program.test(commandLine(pid));
}

/** `isZombie`: it has ended, and its parent has not yet asked how. */
type FoundProcess = { isZombie: boolean; startedAt: string };

/** Undefined when there is no such process, or nothing can be learned of it. */
function readProcess(pid: number): FoundProcess | undefined {
  return isLinux ? readFromProc(pid) : readFromPs(pid);
}

/** `startedAt` in clock ticks since the machine was started (proc_pid_stat(5), field 22; field 3 is the state). */
function readFromProc(pid: number): FoundProcess | undefined {
  const stat = readOrUndefined(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // Field 2, the program's name, is in brackets and may itself hold spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, startedAt] = [fields[0], fields[19]];
  if (state === undefined || startedAt === undefined) return undefined;
  return { isZombie: state === 'Z' || state === 'X', startedAt };
}

function readFromPs(pid: number): FoundProcess | undefined {
  const [state = '', ...started] = ps(pid, 'state=,lstart=').trim().split(/\s+/);
  return state === '' ? undefined : { isZombie: state.startsWith('Z'), startedAt: started.join(' ') };
}

/** EPERM: it is there, and somebody else's. */
function isPidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Without /proc the minute in which the machine was started has to do. */
function bootId(): string {
  const bootMinute = Math.round((Date.now() / 1000 - uptime()) / 60);
  const id = readOrUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  return id?.trim() ?? String(bootMinute);
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

const execOutput = (command: string, args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' });

/** A process may end between two looks at it: then there is nothing to read. */
function readOrUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
