import { ExplainedError } from '../explained-error.js';
import { logFile } from './logs.js';

/** For the terminal, when one of our servers is gone. */
export function deathSentence(dataDir: string, name: string, how: string): string {
  const log = logFile(dataDir, name === 'Redis' ? 'redis' : 'postgres');
  return (
    `The private ${name} ended by itself (${how}), so Paperround stops. What was saved is safe in ${dataDir}. ` +
    `The end of ${log} may say why; start Paperround again.`
  );
}

/** The running process uses a DATABASE_URL that we were not given. */
export function databaseElsewhere(pid: number, dataDir: string): ExplainedError {
  return new ExplainedError(
    `Paperround already runs on ${dataDir} (process ${pid}), with a database of its own choice. Nothing was ` +
      'changed. Set DATABASE_URL to that database, or stop that process first.',
  );
}

/** The file system refused us (EACCES and the like). */
export function notOurs(dataDir: string, cause: unknown): ExplainedError {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new ExplainedError(
    `Something in ${dataDir} may not be used by this user (${what}); perhaps Paperround ran as root before. ` +
      'Nothing was changed. Give the directory to this user, start as the other one, or set another DATA_DIR.',
    { cause },
  );
}

/** Root below a closed directory, where Linux's /proc cannot help. */
export function closed(dataDir: string): ExplainedError {
  return new ExplainedError(
    `Postgres refuses to run as root, and an ordinary user cannot reach ${dataDir}. Nothing was changed. ` +
      'Start Paperround as an ordinary user, or set DATA_DIR to a directory everyone can enter.',
  );
}
