// Runs command after command in one process, so that modules are loaded once. A command has ended when nothing that it
// opened would keep a process alive.
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const MAX_COMMAND_MS = 20_000;
const [node, , program] = process.argv;
const open = [process.stdout, process.stderr, process.channel].length;
let command = 0;

process.on('message', async ({ words, environment, mark }) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.argv = [node, program, ...words];
  process.exitCode = undefined;
  command += 1;
  // Each command listens for itself, as in a process of its own.
  process.removeAllListeners('uncaughtException');
  await import(`${pathToFileURL(program).href}?command=${command}`);
  const since = performance.now();
  while (handles().length > open) {
    if (performance.now() - since > MAX_COMMAND_MS) {
      process.stderr.write(`It would not end: ${handles().join(', ')}\n`);
      process.exit(99);
    }
    await sleep(2);
  }
  process.stdout.write(mark);
  process.stderr.write(`${mark}${process.exitCode ?? 0}\n`);
});

/** What keeps a process alive. Requests do not count: they end with their handles. */
function handles() {
  return process.getActiveResourcesInfo().filter((kind) => !kind.includes('Req'));
}
