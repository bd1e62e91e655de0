import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserFacingError } from '../user-facing-error.js';

/**
 * Makes the folder and writes a file into it, which is removed.
 * @throws UserFacingError with the path and the user's id when that does not work
 */
export function requireWritableFolder(folder: string): void {
  const path = resolve(folder);
  const file = join(path, `.write-check-${process.pid}`);
  try {
    mkdirSync(path, { recursive: true });
    writeFileSync(file, 'Written to find out whether this folder is writable.\n');
    rmSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserFacingError(
      `The folder ${path} cannot be written (${code}) by the user with the id ${process.getuid?.() ?? 'of this process'}` +
        `${describeOwner(path)}. Nothing was started. Give it to that user, or set DATA_DIR to another folder.`,
    );
  }
}

/** Of the folder, or of the nearest one above it that there is. */
function describeOwner(path: string): string {
  if (existsSync(path)) return `: ${path} belongs to the user with the id ${statSync(path).uid}`;
  return dirname(path) === path ? '' : describeOwner(dirname(path));
}
