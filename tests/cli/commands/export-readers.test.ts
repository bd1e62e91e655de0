import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openWithPassphrase, type PassphraseBox } from '../../../src/platform/crypto/passphrase-box.js';
import { addReader, createLantern, openTerminal, type Terminal } from '../open-terminal.js';

jest.setTimeout(90_000);
let terminal: Terminal;
let folder: string;

beforeAll(async () => {
  terminal = await openTerminal();
  const { slug } = await createLantern(terminal.db);
  await addReader(terminal.db, slug, 'ada@example.com');
  await addReader(terminal.db, slug, 'bo@example.com');
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});
afterAll(async () => {
  await terminal.close();
  await rm(folder, { recursive: true });
});

test('readers go to stdout as a table', async () => {
  const { code, stdout } = await terminal.run('subscriber', 'export');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\r\n');
  expect(lines[0]).toContain('"email","status"');
  expect(
    lines
      .slice(1)
      .map((line) => line.split(',')[0])
      .toSorted(),
  ).toEqual(['"ada@example.com"', '"bo@example.com"']);
});

test('or whole into a file that only its owner reads, and that is never written over', async () => {
  const file = join(folder, 'readers.jsonl');
  const secret = join(folder, 'passphrase');
  await writeFile(secret, 'a lamp in the harbour\n');
  const words = ['subscriber', 'export', '--format', 'jsonl', '--out', file, '--passphrase-file', secret];
  expect(await terminal.json(...words)).toEqual({ file, format: 'jsonl', readers: 2 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, 'utf8');
  const [head, ...rest] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rest.map(({ type }) => type)).toEqual(['reader', 'reader', 'end']);
  expect(
    await openWithPassphrase(head?.['suppressionKey'] as PassphraseBox, 'a lamp in the harbour'),
  ).toHaveLength(32);
  const again = await terminal.run(...words);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is there already')]);
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('some of them, a short pass phrase and JSON to stdout are what they say', async () => {
  const { stdout } = await terminal.run('subscriber', 'export', '--status', 'paused');
  expect(stdout.trimEnd().split('\r\n')).toHaveLength(1);
  const secret = join(folder, 'short');
  await writeFile(secret, 'short');
  const short = await terminal.run('subscriber', 'export', '--format', 'jsonl', '--passphrase-file', secret);
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('12 characters or more')]);
  expect((await terminal.run('subscriber', 'export', '--json')).code).toBe(2);
  expect((await terminal.run('subscriber', 'export', '--status', 'gone')).code).toBe(2);
});
