import { statSync } from 'node:fs';

/** They take longest, and what begins last would run alone. In seconds, on two cores. */
const SECONDS = {
  'screens/screens': 105,
  'recover/faults': 67,
  'api/contract': 50,
  'embedded/processes': 37,
  'mails/golden-mails': 36,
  'workers/run-jobs': 35,
  'end-to-end/reader-journey': 33,
  'end-to-end/start-command': 30,
  'public/browser-scanner': 28,
  'commands/digest': 26,
  'parse/mutations': 25,
  'project/benchmarks': 23,
};

/** Test files in one order everywhere, whatever an earlier run has left in a cache: long ones first, then by size. */
export default class LongestFirst {
  sort(tests) {
    const weight = new Map(tests.map((test) => [test, weigh(test.path)]));
    return tests.toSorted((one, other) => weight.get(other) - weight.get(one));
  }

  cacheResults() {}
}

function weigh(path) {
  const seconds = Object.entries(SECONDS).find(([name]) => path.endsWith(`${name}.test.ts`))?.[1] ?? 0;
  return seconds * 1e6 + statSync(path).size;
}
