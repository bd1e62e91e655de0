import { spawn } from 'node:child_process';
import { readPidIdentity } from '../process/identity.js';
import { reaperScript } from './reaper-script.js';

/** A tiny process that outlives this one just long enough to stop the servers it could not stop itself. */
export type Reaper = {
  watch(pid: number, signal: NodeJS.Signals): void;
  removeAfterwards(directory: string): void; // only when this process ends without dismissing it
  dismiss(): void;
};

/**
 * Start the reaper. It notices our death, kill -9 included, by the end of its standard input: no polling and no
 * pid file. It runs from a string because the sources may be TypeScript (tests, development) or compiled.
 */
export function startReaper(): Reaper {
  const child = spawn(process.execPath, ['-e', reaperScript], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C must not reach it
    cwd: '/',
    env: {}, // no NODE_OPTIONS meant for us
  });
  child.unref();
  for (const emitter of [child, child.stdin]) emitter.on('error', ignoreError); // without a reaper we still work
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  return {
    watch: (pid, signal) => send({ pid, signal, identity: readPidIdentity(pid) }),
    removeAfterwards: (directory) => send({ directory }),
    dismiss: () => child.stdin.end(`${JSON.stringify({ dismissed: true })}\n`),
  };
}

function ignoreError(): void {}
