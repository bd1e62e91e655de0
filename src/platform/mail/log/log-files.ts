import type { FileHandle } from 'node:fs/promises';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** An open log file; `size` and the others are those at the time it was opened. */
export type LogFile = {
  handle: FileHandle;
  isCompressed: boolean;
  size: number;
  modifiedAt: Date;
  inode: number;
};

/** @throws the system's error when it cannot be opened, or is a folder */
export async function openLogFile(path: string): Promise<LogFile> {
  const handle = await open(path, 'r');
  try {
    const { size, mtime, ino } = await handle.stat();
    // A folder can be opened: the error comes only when it is read.
    await handle.read(Buffer.alloc(1), 0, 1, 0);
    return { handle, isCompressed: path.endsWith('.gz'), size, modifiedAt: mtime, inode: ino };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The rotated files of a log, the newest first: `.1`, `.2.gz` and so on up to the first number that is missing, or by date
 * (`-20261122.gz`; Postfix's own `postfix logrotate` names `.20261122-170053.gz`).
 */
export async function listRotatedFiles(path: string): Promise<string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  const tails = names
    .filter((name) => name.startsWith(basename(path)))
    .map((name) => name.slice(basename(path).length));
  const dated = tails.filter((tail) => /^[-.]\d{8}(?:[-.]?\d+)?(?:\.gz)?$/.test(tail));
  const found = dated.length > 0 ? dated.sort().reverse() : numberedSuffixes(new Set(tails));
  return found.map((tail) => join(dirname(path), basename(path) + tail));
}

function numberedSuffixes(tails: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (let number = tails.has('.0') || tails.has('.0.gz') ? 0 : 1; ; number += 1) {
    const tail = [`.${number}`, `.${number}.gz`].find((one) => tails.has(one));
    if (tail === undefined) return found;
    found.push(tail);
  }
}

const CHUNK_BYTES = 64 * 1024;
/** Longer than any log line: the rest of a longer one is not kept in memory. */
const MAX_LINE_BYTES = 64 * 1024;

/** The lines of a log file, some thousands at a time, without a last one that has no line end and is still being written. */
export async function* readLines(log: LogFile): AsyncGenerator<string[]> {
  // The callback ignores errors, which the iteration throws.
  const chunks = log.isCompressed ? pipeline(readChunks(log), createGunzip(), () => {}) : readChunks(log);
  let rest = '';
  for await (const chunk of chunks) {
    // As Latin-1, so that a character of several bytes at the end of a chunk is not damaged.
    const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_BYTES) rest = rest.slice(0, MAX_LINE_BYTES);
    if (lines.length > 0) yield lines;
  }
}

/** Reads by position, and leaves the file open to be read again. */
async function* readChunks({ handle, size }: LogFile): AsyncGenerator<Buffer> {
  for (let position = 0; position < size;) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
