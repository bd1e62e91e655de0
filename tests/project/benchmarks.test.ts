import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Metric } from '../../bench/support/metrics.js';

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

test('a name that is no benchmark is refused, and nothing is started', async () => {
  const { code, stderr } = await bench(['sned']);
  expect(code).toBe(2);
  expect(stderr).toContain('There is no benchmark sned.');
});
