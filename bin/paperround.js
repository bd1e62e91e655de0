#!/usr/bin/env node
// The command `paperround`. In a checkout it first compiles the sources into dist/ when they have changed; elsewhere
// dist/ is all there is. Everything then runs in this very process, so a signal needs nobody to pass it on.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

refuseOldNode();
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const compiler = join(root, 'node_modules/.bin/tsc');

if (existsSync(join(root, 'src/cli.ts'))) compileWhenChanged();
await import(pathToFileURL(join(dist, 'src/cli.js')).href);

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`Paperround needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exit(1);
}

/** dist/.built holds a fingerprint of what it was compiled from: times would mislead after a checkout or a copy. */
function compileWhenChanged() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const draft = join(root, `.dist-${process.pid}`);
  try {
    removeAbandonedDrafts();
    mkdirSync(draft);
  } catch (error) {
    return runWhatThereIs(error.message);
  }
  try {
    // Asked by who may write here: others may not see what is in node_modules.
    refuseWithoutCompiler(draft);
    compile(draft);
    install(draft, wanted);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** With NODE_ENV=production npm leaves out the compiler, or only the types without which it finds mistakes everywhere. */
function refuseWithoutCompiler(draft) {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const types = Object.keys(devDependencies).filter((name) => name.startsWith('@types/'));
  const isMissing = (name) => !existsSync(join(root, 'node_modules', name, 'package.json'));
  if (!['typescript', ...types].some(isMissing)) return;
  rmSync(draft, { recursive: true, force: true });
  process.stderr.write(
    'Paperround is not compiled here, and npm install left out what that takes, as it does with NODE_ENV=production: ' +
      'run npm install --include=dev, or install a packed release (docs/install.md)\n',
  );
  process.exit(1);
}

function fingerprint() {
  const hash = createHash('sha256');
  const files = ['src', 'workers'].flatMap((folder) => filesBelow(join(root, folder))).toSorted();
  for (const file of [...files, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function compile(draft) {
  process.stderr.write('Compiling Paperround\n');
  const args = ['-p', join(root, 'tsconfig.build.json'), '--outDir', draft];
  const { status, signal, error, stdout, stderr } = spawnSync(compiler, args, {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return;
  process.stderr.write(error?.message ?? `${stdout}${stderr}${signal === null ? '' : signal}\n`);
  rmSync(draft, { recursive: true, force: true });
  process.exit(1);
}

/**
 * Move file by file over dist/, each in one step, and stamp last: another start of the same sources sees whole files
 * only, and one that is cut short is simply done again. Two starts at once compile twice and agree.
 */
function install(draft, wanted) {
  const compiled = filesBelow(draft).map((file) => relative(draft, file));
  // The stamp is not to outlive, in a power cut, what it stands for.
  for (const file of compiled) sync(join(draft, file));
  for (const file of compiled) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    renameSync(join(draft, file), join(dist, file));
  }
  const current = new Set([...compiled, '.built']);
  for (const file of filesBelow(dist)) if (!current.has(relative(dist, file))) rmSync(file, { force: true });
  writeFileSync(join(draft, '.built'), wanted, { flush: true });
  renameSync(join(draft, '.built'), stamp);
}

function sync(file) {
  const fd = openSync(file, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What dist/ was compiled from may be another version than what lies here, so it is run only with this warning. */
function runWhatThereIs(reason) {
  process.stderr.write(`Paperround has changed and cannot be compiled here: ${reason}\n`);
  if (!existsSync(join(dist, 'src/cli.js'))) process.exit(1);
  process.stderr.write(
    'This is what was compiled before. Run any command once as a user who may write here.\n',
  );
}

/** Drafts of starts that were killed: their process is gone. */
function removeAbandonedDrafts() {
  for (const name of readdirSync(root)) {
    const pid = /^\.dist-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
