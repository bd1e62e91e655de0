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

/** This process. */
export function currentProcessIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startedAt: readStartTick(process.pid) ?? '',
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
  return !isRunning(pid) || (readStartTick(pid) ?? startedAt) !== startedAt;
}

/** The machine has been started anew since: what was written just before may not have reached the disk. */
export function isFromEarlierBoot({ boot }: ProcessIdentity): boolean {
  return boot !== bootId();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readProcessState(pid) !== 'Z';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clock ticks between the start of the machine and that of the process; undefined where there is no /proc. */
function readStartTick(pid: number): string | undefined {
  return readProcStat(pid)?.[19];
}

/** A zombie has ended; its parent has not yet asked how. */
function readProcessState(pid: number): string | undefined {
  return readProcStat(pid)?.[0];
}

/** The fields after the command's name, which may itself hold spaces and brackets (proc(5)). */
function readProcStat(pid: number): string[] | undefined {
  const stat = readFileIfPossible(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Without /proc the minute the machine was started has to do. */
function bootId(): string {
  const started = Math.round((Date.now() / 1000 - uptime()) / 60);
  return readFileIfPossible('/proc/sys/kernel/random/boot_id')?.trim() ?? String(started);
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function readFileIfPossible(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
