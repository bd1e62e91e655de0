// Proves a packed release on other versions of Node: npm run test:release [-- MAJOR …]
// On each: it installs as in production, without a compiler; the journey from nothing to the first digest, with kill -9; and the
// unit half of the suite. Node's own binaries come as packages of npm, kept outside the checkout.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NODE_MAJORS } from './node-majors.js';
import { packRelease, runOrThrow } from './pack-release.js';

const repository = join(import.meta.dirname, '../..');
const jest = join(repository, 'node_modules/jest/bin/jest.js');
const npm = join(runOrThrow('npm', ['root', '--global'], { cwd: '/' }).trim(), 'npm/bin/npm-cli.js');
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'paperround-release-'));
const failed: string[] = [];
try {
  const tarball = packRelease(folder);
  const majors = process.argv.slice(2);
  for (const major of majors.length === 0 ? NODE_MAJORS : majors) {
    const began = performance.now();
    const node = findNode(major);
    say(`Node ${runOrThrow(node, ['--version'], { cwd: folder }).trim()}`);
    if (!prove(node, installRelease(node, tarball, join(folder, major)))) failed.push(major);
    say(`Node ${major}: ${Math.round((performance.now() - began) / 1000)} s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
if (failed.length > 0) throw new Error(`The release does not do on Node ${failed.join(' and ')}.`);

/** A binary of the newest release of that major version. */
function findNode(major: string): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'paperround-node', major);
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(cache, 'node_modules', name, 'bin/node');
  if (!existsSync(node)) {
    mkdirSync(cache, { recursive: true });
    runOrThrow('npm', ['install', '--ignore-scripts', '--prefix', cache, `${name}@${major}`], { cwd: cache });
  }
  return node;
}

/** As somebody does on a server: no development packages, and whatever would compile something fails. */
function installRelease(node: string, tarball: string, target: string): string {
  mkdirSync(target);
  writeFileSync(join(target, 'package.json'), '{ "private": true }');
  const env = {
    ...environment(node),
    NODE_ENV: 'production',
    CC: 'false',
    CXX: 'false',
    npm_config_python: 'false',
  };
  runOrThrow(node, [npm, 'install', '--prefer-offline', '--no-audit', tarball], { cwd: target, env });
  for (const name of ['typescript', 'tsx', 'jest', '@types/node'])
    if (existsSync(join(target, 'node_modules', name)))
      throw new Error(`${name} was installed with the release.`);
  return join(target, 'node_modules/paperround');
}

function prove(node: string, release: string): boolean {
  const runs = [
    ['--config', 'tests/support/jest/unit.config.js'],
    ['tests/end-to-end/start-command.test.ts', '--testNamePattern', 'from nothing to the first digest'],
  ];
  const env = { ...environment(node), PAPERROUND_TEST_RELEASE: release };
  return runs.every((args) => {
    const { status } = spawnSync(node, [jest, ...args], { cwd: repository, env, stdio: 'inherit' });
    return status === 0;
  });
}

function environment(node: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(node)}:${process.env['PATH']}` };
}
