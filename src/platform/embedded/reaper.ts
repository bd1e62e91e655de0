import { spawn } from 'node:child_process';
import { readPidIdentity } from '../process/identity.js';
import { reaperScript } from './reaper-script.js';

/** A small process that outlives this one, to stop the servers that this one could not stop itself. */
export type Reaper = {
  watch(pid: number, signal: NodeJS.Signals): void;
  removeAfterwards(directory: string): void; // unless it is dismissed before this process ends
  dismiss(): void;
};

/**
 * Starts the reaper. By the end of its standard input it notices that this process has ended, also by kill -9. Its program is a
 * string, because our sources may be TypeScript (tests, development) or compiled.
 */
export function startReaper(): Reaper {
  const child = spawn(process.execPath, ['-e', reaperScript], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // so that Ctrl-C does not reach it
    cwd: '/',
    env: {}, // without our NODE_OPTIONS
  });
  child.unref();
  for (const emitter of [child, child.stdin]) emitter.on('error', ignoreError); // we run without a reaper too
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  return {
    watch: (pid, signal) => send({ pid, signal, identity: readPidIdentity(pid) }),
    removeAfterwards: (directory) => send({ directory }),
    dismiss: () => child.stdin.end(`${JSON.stringify({ dismissed: true })}\n`),
  };
}

function ignoreError(): void {}
