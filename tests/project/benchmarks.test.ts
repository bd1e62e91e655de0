import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { whyNoJournal, whyNoPostfix } from '../support/postfix.js';
import { createSilenceMeter } from '../../bench/faults/silence.js';
import { createMachineClock } from '../../bench/support/machine-clock.js';
import type { Metric } from '../../bench/support/metrics.js';
import { DAY_MS, MINUTE_MS } from '../../src/platform/durations.js';

// That the benchmarks can be run, not what they measure: a busy machine may be slow.

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'paperround-bench-test-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bench(words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = ['--import', 'tsx', join(root, 'bench/run.ts'), ...words];
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

test('the benchmark of sending runs end to end, and its ledger and sink agree', async () => {
  const out = join(folder, 'results.json');
  const { code, stdout, stderr } = await bench([
    'send',
    '--readers',
    '200',
    '--runs',
    '1',
    '--quick',
    '--out',
    out,
  ]);
  // 1: a target was missed, as it may be with so few readers.
  expect({ stderr, ran: code === 0 || code === 1 }).toMatchObject({ ran: true });
  const results = JSON.parse(readFileSync(out, 'utf8')) as {
    machine: { postgres: object };
    figures: Metric[];
  };
  expect(results.machine.postgres).toMatchObject({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
  });
  expect(results.figures.filter((figure) => figure.invalid !== undefined)).toEqual([]);
  const sent = results.figures.find(({ what }) => what === 'digest, messages');
  expect(sent?.value).toBeGreaterThan(0);
  expect(sent?.note).toMatch(/^200 readers, 7\d variants, \d{5} bytes a message/);
  expect(stdout).toContain('digest, messages');
}, 180_000);

const withPostfix = whyNoPostfix() ?? whyNoJournal();

/** The minutes that a log needs before and after are skipped; `npm run bench -- reconcile` waits for them. */
(withPostfix === undefined ? test : test.skip)(
  `of 30 kills of workers and of a real Postfix nobody is missed or mailed twice, and what stays uncertain has its reason ${
    withPostfix === undefined ? '' : `(skipped: ${withPostfix})`
  }`,
  async () => {
    const out = join(folder, 'reconcile.json');
    const words = [
      'reconcile',
      '--quick',
      '--kills',
      '30',
      '--readers',
      '1500',
      '--seed',
      '4711',
      '--out',
      out,
    ];
    const { code, stderr } = await bench(words);
    // 1: a target was missed, which is looked at below.
    expect({ stderr, ran: code === 0 || code === 1 }).toMatchObject({ ran: true });
    const { figures } = JSON.parse(readFileSync(out, 'utf8')) as { figures: Metric[] };
    const valueOf = (what: string) => figures.find((figure) => figure.what === `the journal: ${what}`)?.value;
    expect({ stderr, kills: valueOf('kills') }).toMatchObject({ kills: 30 });
    expect([valueOf('missed'), valueOf('doubled')]).toEqual([0, 0]);
    const left = figures.find(({ what }) => what === 'the journal: uncertain after five minutes');
    // A server that was killed leaves what is decided only six minutes later.
    expect(left?.note ?? '').toMatch(/^(?:|\d+ begun)$/);
    expect(left?.value).toBeLessThanOrEqual(30);
  },
  600_000,
);

test('a name that is no benchmark is refused, and nothing is started', async () => {
  const { code, stderr } = await bench(['sned']);
  expect(code).toBe(2);
  expect(stderr).toContain('There is no benchmark sned.');
});

test('silence counts from when something is due or the last mail, also while nobody can see whether it is due', () => {
  const longest = (moments: [at: number, messages: number, isDue: boolean | undefined][]) => {
    const meter = createSilenceMeter();
    for (const [at, messages, isDue] of moments) meter.record({ at, messages, isDue });
    return meter.longestMs();
  };
  const due: [number, number, boolean][] = [0, 500, 1_000].map((at) => [at, 0, true]);
  expect(longest(due)).toBe(1_000);
  expect(longest([...due, [1_500, 1, true], [3_500, 1, true]])).toBe(2_000);
  expect(longest([...due, [1_500, 1, undefined], [9_500, 1, undefined]])).toBe(8_000);
  expect(longest([...due, [1_500, 1, false], [9_500, 1, false], [9_900, 1, true]])).toBe(1_500);
});

test('a process started with a clock that is stepped sees the time change, and its timers do not', async () => {
  const clock = createMachineClock(folder, 'machine');
  clock.set(365 * DAY_MS);
  const script = `console.log(Date.now(), new Date().getTime(), new Date(5).getTime(), performance.now() < 60_000,
                              new Date() instanceof Date, Date.parse('1970-01-02'))`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: clock.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  await once(child, 'close');
  const [now, date, ...others] = stdout.trim().split(' ');
  for (const time of [now, date])
    expect(Math.abs(Number(time) - Date.now() - 365 * DAY_MS)).toBeLessThan(MINUTE_MS);
  expect(others).toEqual(['5', 'true', 'true', String(DAY_MS)]);
});
