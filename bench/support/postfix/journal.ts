import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killOnExit } from '../processes.js';

const JOURNALD = '/lib/systemd/systemd-journald';

/** A real systemd-journald with a journal of its own; programs log to it that are started by `nsenter --mount` of its pid. */
export type Journal = { pid: number; stop(): Promise<void> };

/** Why none can be started here; undefined when one can. */
export function whyNoJournal(): string | undefined {
  if (process.getuid?.() !== 0) return 'a journal of its own takes root';
  if (!existsSync(JOURNALD)) return 'systemd-journald is not installed';
  if (!existsSync('/etc/machine-id'))
    return 'this machine has no /etc/machine-id, which a journal is named by';
  return spawnSync('unshare', ['--mount', 'true']).status === 0
    ? undefined
    : 'no mounts of its own are allowed';
}

/** @param folder an empty one. The journal lies in `run/log/journal` below it */
export async function startJournal(folder: string): Promise<Journal> {
  const child = spawn('unshare', ['--mount', 'sh', '-ec', journalScript(folder)], { stdio: 'ignore' });
  killOnExit(child);
  const socket = join(folder, 'run/systemd/journal/dev-log');
  for (const end = Date.now() + 10_000; !existsSync(socket); await sleep(20))
    if (Date.now() > end || child.exitCode !== null) throw new Error('systemd-journald did not start.');
  return {
    pid: child.pid ?? Number.NaN,
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A /dev, /run and /var/log of its own, so that nothing of the machine's own journal is touched; then journald, which has this pid. */
function journalScript(folder: string): string {
  return `
    mount --make-rprivate /
    mkdir -p ${folder}/dev ${folder}/run/systemd/journal ${folder}/run/lock ${folder}/log
    for each in null zero full random urandom tty; do
      touch ${folder}/dev/$each
      mount --bind /dev/$each ${folder}/dev/$each
    done
    ln -s /proc/self/fd ${folder}/dev/fd
    ln -s /run/systemd/journal/dev-log ${folder}/dev/log
    mount --bind ${folder}/run /run
    mount --bind ${folder}/log /var/log
    mount --rbind ${folder}/dev /dev
    exec ${JOURNALD}`;
}
