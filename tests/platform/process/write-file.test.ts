import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  createFileOnce,
  syncTree,
  writeFileAtomically,
  writeFileSoon,
} from '../../../src/platform/process/write-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paperround-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['and is on disk', writeFileAtomically],
  ['and nobody waits for the disk', writeFileSoon],
])('a file is replaced whole, for its owner alone, leaves nothing beside it, %s', (_, write) => {
  const file = join(folder, 'state.json');
  for (const text of ['{"one":1}', '{"two":2}']) {
    write(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['state.json']);
});

test('a file that is there is not replaced', () => {
  const file = join(folder, 'key');
  expect(createFileOnce(file, 'first')).toBe(true);
  expect(createFileOnce(file, 'second')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('first');
  expect(readdirSync(folder)).toEqual(['key']);
});

test('where a file cannot be written whole, the one that was there stays', () => {
  const file = join(folder, 'state.json');
  writeFileAtomically(file, 'whole');
  // A shell's limit on the size of files stands for a full disk.
  const source = join(import.meta.dirname, '../../../src/platform/process/write-file.ts');
  const script = `
    const { writeFileAtomically, createFileOnce } = await import(${JSON.stringify(source)});
    process.on('SIGXFSZ', () => {});
    for (const write of [() => writeFileAtomically(${JSON.stringify(file)}, 'x'.repeat(5000)),
                         () => createFileOnce(${JSON.stringify(join(folder, 'new'))}, 'x'.repeat(5000))])
      try { write(); console.log('written'); } catch (error) { console.log(error.code); }`;
  const { stdout } = spawnSync(
    'bash',
    ['-c', 'ulimit -f 1; exec "$0" --import tsx --input-type=module -e "$1"', process.execPath, script],
    { encoding: 'utf8', env: { ...process.env, TSX_DISABLE_CACHE: '1' } },
  );
  expect(stdout.trim().split('\n')).toEqual(['EFBIG', 'EFBIG']);
  expect(readFileSync(file, 'utf8')).toBe('whole');
  expect(readdirSync(folder)).toEqual(['state.json']);
});

test('a folder is written to disk with what is below it, links left as they are', () => {
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/b/file'), 'text');
  symlinkSync('nowhere', join(folder, 'a/link'));
  expect(() => syncTree(folder)).not.toThrow();
});
