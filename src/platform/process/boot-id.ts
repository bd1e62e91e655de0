import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { execOutput, readOrUndefined } from './read-system.js';

/**
 * Where a system has an id of its own for each time it was started, as 32 hexadecimal digits with or without hyphens.
 */
const SOURCES: Partial<Record<NodeJS.Platform, () => string>> = {
  linux: () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
  darwin: () => execOutput('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']),
  freebsd: () => execOutput('/sbin/sysctl', ['-n', 'kern.boot_id']),
};

let known: string | undefined;

/** Names this run of the machine: the system's own id, or the minute in which it was started where there is none. */
export function bootId(): string {
  known ??= readSystemId(SOURCES[process.platform]) ?? estimateBootId(Date.now(), uptime());
  return known;
}

/** Undefined: this system has none. */
export function readSystemId(source: (() => string) | undefined): string | undefined {
  const id = source && readOrUndefined(source)?.trim();
  return id !== undefined && /^[0-9a-f-]{32,36}$/i.test(id) ? id : undefined;
}

/**
 * @param now in milliseconds
 * @param uptimeSeconds since the machine was started
 * @returns the minute, since 1970, of that start. Later estimates of the same start differ as the clock is set right.
 */
export function estimateBootId(now: number, uptimeSeconds: number): string {
  return String(Math.round((now / 1000 - uptimeSeconds) / 60));
}

/**
 * In minutes. A machine that was started again sooner than this is not told apart by its boot; its processes still
 * are, by their numbers and times.
 */
const TOLERANCE = 5;

/** Whether two ids are of the same run of the machine; an estimate is so within 5 minutes. */
export function isSameBoot(one: string, other: string): boolean {
  if (one === other) return true;
  const [minute, otherMinute] = [one, other].map((id) => (/^\d{1,12}$/.test(id) ? Number(id) : Number.NaN));
  return Math.abs((minute ?? Number.NaN) - (otherMinute ?? Number.NaN)) <= TOLERANCE;
}
