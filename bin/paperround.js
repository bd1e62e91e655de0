#!/usr/bin/env node
// The command `paperround`. In a checkout it first compiles the sources into dist/ when they have changed; elsewhere
// dist/ is all there is. Everything then runs in this very process, so a signal needs nobody to pass it on.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

refuseOldNode();
const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (existsSync(join(root, 'src/cli.ts'))) {
  const { compileWhenChanged } = await import('./compile.js');
  await compileWhenChanged(root);
}
await import(pathToFileURL(join(root, 'dist/src/cli.js')).href);

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`Paperround needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exit(1);
}
