import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** The path of a server's log. */
export function logFilePath(dataDir: string, server: 'postgres' | 'redis'): string {
  return join(dataDir, 'log', `${server}.log`);
}

/** Renames a log of more than 10 MB to `.old`, which replaces the older one, so that each server has two files at most. */
export function rotateLargeLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(file, `${file}.old`);
}

/** The last lines of a log, for an error message. */
export function readLastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
}
