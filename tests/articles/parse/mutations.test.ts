import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { seed } from '../../support/seed.js';
import { readMutations, type MutationResult } from './mutate-feeds.js';

/** A longer run is asked for by PAPERROUND_MUTATIONS. */
const COUNT = Number(process.env['PAPERROUND_MUTATIONS'] ?? 10_000);

/** Reads mutations in a process of its own, whose heap may not grow past `heap` MB. */
async function readElsewhere(count: number, heap: number): Promise<MutationResult> {
  const script = pathToFileURL(join(import.meta.dirname, 'mutate-feeds.ts')).href;
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${heap}`,
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    `import { readMutations } from '${script}'; console.log(JSON.stringify(readMutations(${count}, ${seed})));`,
  ]);
  return JSON.parse(stdout) as MutationResult;
}

test(
  'however a feed is broken, reading it neither throws, hangs nor takes much memory, and what is read is clean',
  async () => {
    const figures = await readElsewhere(COUNT, 100);
    expect(figures.failures).toEqual([]);
    expect(figures.feeds).toBeGreaterThan(COUNT / 4);
    expect(figures.articles).toBeGreaterThan(COUNT / 2);
    expect(figures.slowest).toBeLessThan(2000);
    expect(figures.grown).toBeLessThan(100);
  },
  30 * 60_000,
);

test('the same mutations are read the same way again', () => {
  const { feeds, articles, failures } = readMutations(40, seed);
  expect(failures).toEqual([]);
  expect(readMutations(40, seed)).toMatchObject({ feeds, articles });
});
