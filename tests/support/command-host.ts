import { randomUUID } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { COMPILED_PATH, launch, type Environment, type FinishedProcess } from './paperround-process.js';

const COMMAND_HOST_PATH = join(import.meta.dirname, 'command-host-child.js');
const idleHosts: ChildProcess[] = [];

/**
 * Runs one command like `runPaperround`, but in a process that is used again for later commands, which is quicker. There are
 * as many of these as commands ever ran at once; they end with this process.
 */
export async function runInCommandHost(words: string[], environment: Environment): Promise<FinishedProcess> {
  const host = idleHosts.pop() ?? startCommandHost();
  const finished = await runIn(host, words, environment);
  if (host.connected) idleHosts.push(host);
  return finished;
}

function startCommandHost(): ChildProcess {
  const host = launch(COMMAND_HOST_PATH, [COMPILED_PATH], {}, ['ignore', 'pipe', 'pipe', 'ipc']);
  host.unref();
  host.channel?.unref();
  for (const stream of [host.stdout, host.stderr]) (stream as Socket | null)?.unref();
  return host;
}

/** The output before the mark is the command's; on standard error the exit code follows the mark. */
function runIn(host: ChildProcess, words: string[], environment: Environment): Promise<FinishedProcess> {
  const mark = `\0${randomUUID()}\0`;
  let [stdout, stderr] = ['', ''];
  return new Promise((resolve) => {
    const finish = (code: number | null) => {
      host.off('close', finish);
      for (const stream of [host.stdout, host.stderr]) stream?.removeAllListeners('data');
      resolve({ code, stdout: stdout.replace(mark, ''), stderr: stderr.split(mark)[0] ?? '' });
    };
    const look = () => {
      const code = /^(\d+)\n/.exec(stderr.split(mark)[1] ?? '');
      if (code !== null && stdout.endsWith(mark)) finish(Number(code[1]));
    };
    host.on('close', finish);
    host.stdout?.on('data', (text: string) => {
      stdout += text;
      look();
    });
    host.stderr?.on('data', (text: string) => {
      stderr += text;
      look();
    });
    host.send({ words, environment: { PATH: process.env['PATH'], ...environment }, mark });
  });
}
