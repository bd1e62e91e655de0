/**
 * Runs a test file with Jest's own circus, but as a plain module of the worker. In Jest's sandboxes each file loads
 * everything anew, for two seconds of processor time; here what one file has loaded the next ones of its worker share.
 */
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { register as registerTypeScript } from 'tsx/esm/api';
import { setGlobals } from './globals.js';

registerTypeScript();
register('./loader-hooks.js', import.meta.url);

const circus = createRequire(import.meta.resolve('jest-circus/runner'));
const adapter = circus.resolve('./jestAdapterInit');

export default async function run(globalConfig, config, environment, runtime, testPath, sendMessageToJest) {
  // Stack traces are mapped by Node, from the maps that tsx leaves in the code.
  delete Error.prepareStackTrace;
  const { initialize, runAndTransformResultsToJestFormat } = freshCircus();
  await initialize({
    config,
    environment,
    globalConfig,
    localRequire: circus,
    parentProcess: process,
    runtime,
    sendMessageToJest,
    setGlobalsForRuntime: setGlobals,
    testPath,
  });
  const setupAfterEnvStart = Date.now();
  for (const path of config.setupFilesAfterEnv) await import(pathToFileURL(path).href);
  const setupAfterEnvEnd = Date.now();
  await load(testPath);
  return outOfStacks(() =>
    runAndTransformResultsToJestFormat({
      config,
      globalConfig,
      setupAfterEnvPerfStats: { setupAfterEnvStart, setupAfterEnvEnd },
      testPath,
    }),
  );
}

let loads = 0;

/** Loads a test file anew, also when a worker runs it twice; the modules that it imports stay loaded. */
function load(path) {
  return outOfStacks(() => import(`${pathToFileURL(path).href}?load=${++loads}`));
}

/** Starts something so that its stack traces do not name what awaits it. */
function outOfStacks(start) {
  return new Promise((resolve, reject) => {
    start().then(
      (value) => resolve(value),
      (error) => reject(error),
    );
  });
}

/** Tests, hooks, listeners and time limits of the file before are gone. */
function freshCircus() {
  for (const symbol of Object.getOwnPropertySymbols(globalThis))
    if (['JEST_STATE_SYMBOL', 'EVENT_HANDLERS', 'TEST_TIMEOUT_SYMBOL'].includes(symbol.description))
      delete globalThis[symbol];
  delete circus.cache[adapter];
  return circus(adapter);
}
