import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Replaces a small file in one step, readable by its owner alone: nobody ever reads half of it, and it is on disk
 * when this returns.
 */
export function writeFileAtomically(file: string, text: string): void {
  renameSync(writeDraft(file, text), file);
  syncDirectory(dirname(file));
}

/**
 * The same for a file that is written often and may be lost in a power cut: it is whole for whoever reads it while the machine
 * runs, and nobody waits for the disk.
 */
export function writeFileSoon(file: string, text: string): void {
  renameSync(writeDraft(file, text, { flush: false }), file);
}

/**
 * The same for a file that must not be replaced. Of several processes at once one writes it.
 * @returns false when it was there already
 */
export function createFileOnce(file: string, text: string): boolean {
  const draft = writeDraft(file, text);
  try {
    return linkOnce(draft, file);
  } finally {
    rmSync(draft, { force: true });
    syncDirectory(dirname(file));
  }
}

/** What was made, renamed or removed in a folder is on disk when this returns. */
export function syncDirectory(directory: string): void {
  // Windows opens no folders; it has no such call.
  if (process.platform !== 'win32') syncPath(directory);
}

/** Every file and folder below a folder is on disk when this returns. */
export function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) syncPath(path);
  }
  syncDirectory(directory);
}

/** A whole file beside it, on disk unless `flush` is false. */
function writeDraft(file: string, text: string, { flush } = { flush: true }): string {
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush });
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return draft;
}

function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * A second name, unlike a rename, replaces nothing. Some file systems (FAT, some network shares) have no second
 * names.
 */
function linkOnce(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === undefined || !['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    if (existsSync(file)) return false;
    renameSync(draft, file);
    return true;
  }
}
