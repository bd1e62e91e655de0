import { rmSync } from 'node:fs';
import { UserFacingError } from '../user-facing-error.js';
import { readFileIfExists } from './files.js';
import { isRunningIn } from '../process/identity.js';
import { waitUntil } from './processes.js';

/**
 * Stops a server of this directory that an earlier run left behind, and removes its pid file, also where another program has
 * its pid now (in a restarted container pids begin at 1 again).
 * @throws UserFacingError when it does not stop within 60 s
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
