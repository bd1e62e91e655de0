import { rmSync } from 'node:fs';
import { ExplainedError } from '../explained-error.js';
import { readIfThere } from './files.js';
import { worksIn } from './identity.js';
import { within } from './processes.js';

/**
 * Make way for a server of this directory: stop the one an earlier run left behind, and remove its pid file when
 * the number now belongs to somebody else (a restarted container counts its processes from 1 again).
 */
export async function clearLeftover(options: {
  directory: string;
  pidFile: string;
  program: RegExp;
  stopSignal: NodeJS.Signals;
}): Promise<void> {
  const { directory, pidFile, program, stopSignal } = options;
  const pid = Number.parseInt(readIfThere(pidFile) ?? '', 10);
  if (!(pid > 0)) return;
  const isStillThere = () => worksIn(pid, directory, program);
  if (isStillThere()) process.kill(pid, stopSignal);
  if (!(await within(60_000, () => !isStillThere()))) {
    throw new ExplainedError(
      `A server of an earlier start (process ${pid}) still uses ${directory} and does not stop. ` +
        `Its data was not touched. End that process, then start Paperround again.`,
    );
  }
  rmSync(pidFile, { force: true });
}
