import { readFileSync, statSync } from 'node:fs';

/** The test files that take longest, in seconds on two cores: what begins last would run alone. */
const SLOW_FILES = Object.entries(JSON.parse(readFileSync(new URL('slow-files.json', import.meta.url))));

/** How long a test file takes, in seconds; 0 where it is not among the slow ones. */
export function secondsOf(path) {
  return SLOW_FILES.find(([name]) => path.endsWith(`/${name}.test.ts`))?.[1] ?? 0;
}

/** Test files in one order everywhere, whatever an earlier run has left in a cache: long ones first, then by size. */
export default class LongestFirst {
  sort(tests) {
    const weight = new Map(tests.map((test) => [test, weigh(test.path)]));
    return tests.toSorted((one, other) => weight.get(other) - weight.get(one));
  }

  cacheResults() {}
}

function weigh(path) {
  return secondsOf(path) * 1e6 + statSync(path).size;
}
