import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** Where a server writes what it has to say. */
export function logFilePath(dataDir: string, server: 'postgres' | 'redis'): string {
  return join(dataDir, 'log', `${server}.log`);
}

/** Put a log of more than 10 MB aside as `.old`, replacing the older one: two files a server, however long it runs. */
export function rotateLargeLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(file, `${file}.old`);
}

/** The end of a log, for a person to read. */
export function readLastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
}
