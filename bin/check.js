// For `npm run check`: its parts side by side, most of which use one core. What each has to say comes in one piece, and
// all of them are heard, so that one run names every kind of mistake.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const PARTS = ['format:check', 'types', 'lint', 'unused'];

const failed = (await Promise.all(PARTS.map(run))).filter((name) => name !== undefined);
if (failed.length > 0) {
  process.stderr.write(`npm run check: ${failed.join(', ')} failed\n`);
  process.exitCode = 1;
}

/** Answers the name of the part if it failed. */
async function run(name) {
  const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const [code] = await once(child, 'close');
  process.stderr.write(Buffer.concat(output));
  return code === 0 ? undefined : name;
}
