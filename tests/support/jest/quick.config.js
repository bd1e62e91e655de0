import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import config from '../../../jest.config.js';
import { secondsOf } from './sequencer.js';

// For `npm run test:quick`: every test file that starts no process and no browser, nor imports what does, but for the slow ones.

const root = join(import.meta.dirname, '../../..');
const tests = join(root, 'tests');
const starters = ['node:child_process', 'playwright-core', '/bench/', '/embedded/'];
// Most tests use the application in one process. It starts no process: its database is one that every run has.
const known = new Map([[join(tests, 'support/test-app.ts'), false]]);

function startsSomething(file) {
  if (!known.has(file)) {
    known.set(file, false);
    const imports = [...readFileSync(file, 'utf8').matchAll(/^\s*(?:import|\}).*?from '([^']+)'/gm)];
    const named = imports.map(([, name]) => name);
    known.set(
      file,
      named.some((name) => starters.some((starter) => name.includes(starter))) ||
        named.some((name) => isOfTests(file, name) && startsSomething(sourceOf(file, name))),
    );
  }
  return known.get(file);
}

function sourceOf(file, name) {
  return join(dirname(file), name.replace(/\.js$/, '.ts'));
}

function isOfTests(file, name) {
  return name.startsWith('.') && sourceOf(file, name).startsWith(tests);
}

const quick = readdirSync(tests, { recursive: true })
  .filter((name) => name.endsWith('.test.ts') && secondsOf(join(tests, name)) === 0)
  .filter((name) => !startsSomething(join(tests, name)));

export default {
  ...config,
  rootDir: root,
  testMatch: quick.map((name) => `<rootDir>/${relative(root, join(tests, name))}`),
};
