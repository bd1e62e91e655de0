import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of /proc/<pid>/stat in a second; the kernel shows programs 100 on every common platform. */
const TICKS_PER_SECOND = 100;

type ProcessStat = { pid: number; parent: number; seconds: number };

/**
 * CPU time in seconds, user and system, that a process and all it ever started have used so far. What a process that
 * has ended used is counted at its parent. Undefined where there is no /proc.
 */
export function cpuSeconds(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const all = readAllStats();
  const below = (parent: number): number =>
    all
      .filter((stat) => stat.parent === parent)
      .reduce((sum, stat) => sum + stat.seconds + below(stat.pid), 0);
  const own = all.find((stat) => stat.pid === pid);
  return own === undefined ? undefined : own.seconds + below(pid);
}

/** The most memory a process has held so far, in bytes; undefined where there is no /proc, or when it is gone. */
export function peakMemory(pid: number): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileOrEmpty(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The memory a process holds now, in bytes; undefined where there is no /proc, or when it is gone. */
export function heldMemory(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileOrEmpty(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function readAllStats(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => parseStat(Number(name), readFileOrEmpty(`/proc/${name}/stat`)));
}

/** After the name in brackets: state, parent, …; fields 14 to 17 of proc(5) are the times of it and of its ended children. */
function parseStat(pid: number, line: string): ProcessStat[] {
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent] = fields;
  if (parent === undefined) return [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + field, 0);
  return [{ pid, parent, seconds: ticks / TICKS_PER_SECOND }];
}

/** Empty when the process has ended meanwhile. */
function readFileOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
