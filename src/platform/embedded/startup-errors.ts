import { UserFacingError } from '../user-facing-error.js';
import { logFilePath } from './log-files.js';

/** For the terminal, when one of our servers is gone. */
export function serverExitedMessage(dataDir: string, name: string, how: string): string {
  const log = logFilePath(dataDir, name === 'Redis' ? 'redis' : 'postgres');
  return (
    `The private ${name} ended by itself (${how}), so Paperround stops. What was saved is safe in ${dataDir}. ` +
    `The end of ${log} may say why; start Paperround again.`
  );
}

/** The running process uses a DATABASE_URL that we were not given. */
export function otherDatabaseError(pid: number, dataDir: string): UserFacingError {
  return new UserFacingError(
    `Paperround already runs on ${dataDir} (process ${pid}), with a database of its own choice. Nothing was ` +
      'changed. Set DATABASE_URL to that database, or stop that process first.',
  );
}

/** The file system refused us (EACCES and the like). */
export function permissionError(dataDir: string, cause: unknown): UserFacingError {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new UserFacingError(
    `Something in ${dataDir} may not be used by this user (${what}); perhaps Paperround ran as root before. ` +
      'Nothing was changed. Give the directory to this user, start as the other one, or set another DATA_DIR.',
    { cause },
  );
}

/** Root below a closed directory, where Linux's /proc cannot help. */
export function unreachableDataDirError(dataDir: string): UserFacingError {
  return new UserFacingError(
    `Postgres refuses to run as root, and an ordinary user cannot reach ${dataDir}. Nothing was changed. ` +
      'Start Paperround as an ordinary user, or set DATA_DIR to a directory everyone can enter.',
  );
}
