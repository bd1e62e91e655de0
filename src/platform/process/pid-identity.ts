import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

const isLinux = process.platform === 'linux';

/**
 * Tells a process from a later one that was given the same number. Undefined when it is gone, or dead and only
 * waiting to be collected. Linux: boot id and start tick (proc_pid_stat(5), field 22); elsewhere what ps says.
 */
export function readPidIdentity(pid: number): string | undefined {
  return isLinux ? identityFromProc(pid) : identityFromPs(pid);
}

/** Is `pid` a live process with this working directory whose command line matches `program`? */
export function isRunningIn(pid: number, directory: string, program: RegExp): boolean {
  if (readPidIdentity(pid) === undefined) return false;
  return workingDirectory(pid) === directory && program.test(commandLine(pid));
}

function identityFromProc(pid: number): string | undefined {
  const stat = readOrEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The program's name, field 2, is in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTick] = [fields[0], fields[19]];
  if (startTick === undefined || state === 'Z' || state === 'X') return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${startTick}`;
}

function identityFromPs(pid: number): string | undefined {
  const [state, ...started] = ps(pid, 'state=,lstart=').trim().split(/\s+/);
  return state === '' || state === undefined || state.startsWith('Z') ? undefined : started.join(' ');
}

function workingDirectory(pid: number): string {
  if (isLinux) return readOrEmpty(() => readlinkSync(`/proc/${pid}/cwd`));
  const answer = readOrEmpty(() => execOutput('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn']));
  return /^n(.*)$/m.exec(answer)?.[1] ?? '';
}

function commandLine(pid: number): string {
  return isLinux ? readOrEmpty(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) : ps(pid, 'command=');
}

const ps = (pid: number, columns: string): string =>
  readOrEmpty(() => execOutput('ps', ['-p', String(pid), '-o', columns]));

const execOutput = (command: string, args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' });

/** A process may end between two looks at it: then there is nothing to read. */
function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
