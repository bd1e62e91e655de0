import { rmSync } from 'node:fs';
import { UserFacingError } from '../user-facing-error.js';
import { readFileIfExists } from './files.js';
import { isRunningIn } from '../process/identity.js';
import { waitUntil } from './processes.js';

/**
 * Make way for a server of this directory: stop the one an earlier run left behind, and remove its pid file when
 * the number now belongs to somebody else (a restarted container counts its processes from 1 again).
 */
export async function stopStaleServer(options: {
  directory: string;
  pidFile: string;
  program: RegExp;
  stopSignal: NodeJS.Signals;
}): Promise<void> {
  const { directory, pidFile, program, stopSignal } = options;
  const pid = Number.parseInt(readFileIfExists(pidFile) ?? '', 10);
  if (!(pid > 0)) return;
  const isStillThere = () => isRunningIn(pid, directory, program);
  if (isStillThere()) process.kill(pid, stopSignal);
  if (!(await waitUntil(60_000, () => !isStillThere()))) {
    throw new UserFacingError(
      `A server of an earlier start (process ${pid}) still uses ${directory} and does not stop. ` +
        `Its data was not touched. End that process, then start Paperround again.`,
    );
  }
  rmSync(pidFile, { force: true });
}
