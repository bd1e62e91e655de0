import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import config from '../../../jest.config.js';
import { secondsOf } from './sequencer.js';

const root = join(import.meta.dirname, '../../..');
const tests = join(root, 'tests');

// Most tests use the application in one process. It starts no process: its database is one that every run has.
const testApp = join(tests, 'support/test-app.ts');
const startsProcess = reaches(
  ['node:child_process', 'playwright-core', '/bench/', '/embedded/'],
  new Map([[testApp, false]]),
);
const usesDatabase = reaches(['/test-database.js', '/test-app.js']);

/** The usual configuration, for the test files of a kind; `isChosen` gets what a file starts and uses, with its imports. */
export function chooseTests(isChosen) {
  const chosen = readdirSync(tests, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(tests, name))
    .filter((file) =>
      isChosen({
        startsProcess: startsProcess(file),
        usesDatabase: usesDatabase(file),
        isSlow: secondsOf(file) > 0,
      }),
    );
  return { ...config, rootDir: root, testMatch: chosen.map((file) => `<rootDir>/${relative(root, file)}`) };
}

/** Whether a file of the tests, or one of those it imports, imports something with one of these names. */
function reaches(names, known = new Map()) {
  const isReached = (file) => {
    if (!known.has(file)) {
      known.set(file, false);
      const text = readFileSync(file, 'utf8');
      const imports = [...text.matchAll(/^\s*(?:import|\}).*?from '([^']+)'/gm)].map(([, name]) => name);
      known.set(
        file,
        imports.some((name) => names.some((one) => name.includes(one))) ||
          imports.some((name) => isOfTests(file, name) && isReached(sourceOf(file, name))),
      );
    }
    return known.get(file);
  };
  return isReached;
}

function sourceOf(file, name) {
  return join(dirname(file), name.replace(/\.js$/, '.ts'));
}

function isOfTests(file, name) {
  return name.startsWith('.') && sourceOf(file, name).startsWith(tests);
}
