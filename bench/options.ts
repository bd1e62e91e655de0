import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export const benchNames = [
  'seed',
  'send',
  'usual',
  'plan',
  'faults',
  'reconcile',
  'signup',
  'desk',
  'events',
  'import',
] as const;
export type BenchName = (typeof benchNames)[number];

export type Options = {
  names: BenchName[];
  /** Undefined: each benchmark's own number. */
  readers: number | undefined;
  runs: number;
  /** Leaves out what takes long: ten times the readers, TLS and DKIM, most of the clocks and copies. */
  quick: boolean;
  /** How long everything goes wrong at once. */
  minutes: number;
  /** Of the faults, those with this in their name. */
  only: string | undefined;
  /** Of workers and of the mail server, where a mail log decides. */
  kills: number;
  /** What is random follows from it; another each time when absent. */
  seed: number;
  out: string;
};

export const USAGE = `npm run bench [-- NAME … --readers N --runs N --quick --minutes N --only FAULT --kills N --seed N --out FILE]
  NAME is one of ${benchNames.join(', ')}; all that exist when none is named`;

/** @throws a sentence for the terminal */
export function readOptions(argv: string[]): Options {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      readers: { type: 'string' },
      runs: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      only: { type: 'string' },
      kills: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      out: { type: 'string', default: 'bench/results.json' },
    },
  });
  return {
    names: positionals.map(benchName),
    readers: values.readers === undefined ? undefined : wholeNumber('--readers', values.readers),
    runs: wholeNumber('--runs', values.runs),
    quick: values.quick,
    minutes: wholeNumber('--minutes', values.minutes ?? (values.quick ? '1' : '10')),
    only: values.only,
    kills: wholeNumber('--kills', values.kills),
    seed: wholeNumber('--seed', values.seed ?? String(randomInt(1, 2 ** 31))),
    out: values.out,
  };
}

function benchName(word: string): BenchName {
  const name = benchNames.find((one) => one === word);
  if (name === undefined) throw new Error(`There is no benchmark ${word}.`);
  return name;
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${option} is a whole number above 0.`);
}
