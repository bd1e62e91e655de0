import { UserFacingError } from '../user-facing-error.js';
import { hasErrorCode } from './files.js';
import { logFilePath } from './log-files.js';

/** The message when one of our servers has ended by itself. */
export function serverExitedMessage(dataDir: string, name: string, how: string): string {
  const log = logFilePath(dataDir, name === 'Redis' ? 'redis' : 'postgres');
  return (
    `The private ${name} ended by itself (${how}), so Paperround stops. What was saved is safe in ${dataDir}. ` +
    `The end of ${log} may say why; start Paperround again.`
  );
}

/** For a second process without the DATABASE_URL that the running one uses. */
export function otherDatabaseError(pid: number, dataDir: string): UserFacingError {
  return new UserFacingError(
    `Paperround already runs on ${dataDir} (process ${pid}), with a database of its own choice. Nothing was ` +
      'changed. Set DATABASE_URL to that database, or stop that process first.',
  );
}

/** For a command, or a start of development, beside a start of production. */
export function productionRunsError(pid: number, dataDir: string): UserFacingError {
  return new UserFacingError(
    `Paperround runs in production with ${dataDir} (process ${pid}), and this shell does not know its settings. ` +
      'Nothing was changed. Give this shell the same ones; a file .env beside the program gives them to every shell.',
  );
}

/** For EACCES and similar errors of the file system, and for a file in place of a folder. */
export function permissionError(dataDir: string, cause: unknown): UserFacingError {
  const what = cause instanceof Error ? cause.message : String(cause);
  if (hasErrorCode(cause, 'EEXIST', 'ENOTDIR'))
    return new UserFacingError(
      `DATA_DIR is ${dataDir}, and there is a file where a folder should be (${what}). Nothing was changed. Set it to another folder.`,
      { cause },
    );
  return new UserFacingError(
    `Something in ${dataDir} may not be used by this user (${what}); perhaps Paperround ran as root before. ` +
      'Nothing was changed. Give the directory to this user, start as the other one, or set another DATA_DIR.',
    { cause },
  );
}

/** For a data directory that the servers' user cannot reach, on systems without /proc. */
export function unreachableDataDirError(dataDir: string): UserFacingError {
  return new UserFacingError(
    `Postgres refuses to run as root, and an ordinary user cannot reach ${dataDir}. Nothing was changed. ` +
      'Start Paperround as an ordinary user, or set DATA_DIR to a directory everyone can enter.',
  );
}
