import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readFirstRecord, openJournal, sealJournal } from '../../../src/platform/process/journal.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paperround-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const records = fc.array(
  fc.string().map((text) => text.replace(/[\r\n]/g, ' ')),
  { maxLength: 20 },
);

test('sealing a journal returns the records that were appended', () => {
  let number = 0;
  fc.assert(
    fc.property(records, (appended) => {
      const file = join(folder, String((number += 1)));
      const journal = openJournal(file, 'head');
      for (const record of appended) journal.append(record);
      journal.close();
      expect(sealJournal(file)).toEqual(['head', ...appended]);
      expect(sealJournal(file)).toEqual(['head', ...appended]);
    }),
    { numRuns: 50 },
  );
});

test('a record that was cut at any byte is left out, and those before it stay', () => {
  const file = join(folder, 'torn');
  const appended = ['first', 'intent of the second', 'the third and last'];
  const [head = '', ...rest] = appended;
  const journal = openJournal(file, head);
  for (const record of rest) journal.append(record);
  journal.close();
  const whole = readFileSync(file);
  const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a);
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(file, whole);
    truncateSync(file, length);
    // Without its line end the record is complete too: the seal adds one.
    expect(sealJournal(file)).toEqual(appended.slice(0, ends.filter((end) => end <= length).length));
  }
});

test('bytes that no journal wrote are no records', () => {
  const file = join(folder, 'scribbled');
  const journal = openJournal(file, 'ours');
  journal.close();
  appendFileSync(file, '00000000 theirs\nnonsense\n\u0000\u0000\n');
  expect(sealJournal(file)).toEqual(['ours']);
});

test('a journal can be appended to until it is sealed, and a second one of the same name is refused', () => {
  const file = join(folder, 'ours');
  const journal = openJournal(file, 'one');
  expect(journal.isUnsealed()).toBe(true);
  expect(() => openJournal(file, 'other')).toThrow('There is a journal');
  expect(readdirSync(folder)).toEqual(['ours']);
  sealJournal(file);
  journal.append('two');
  expect(journal.isUnsealed()).toBe(false);
  journal.remove();
  expect(sealJournal(file)).toBeUndefined();
});

test('the first record can be read alone, from the moment there is a file', () => {
  const file = join(folder, 'first');
  expect(readFirstRecord(file)).toBeUndefined();
  const journal = openJournal(file, 'head');
  expect(readFirstRecord(file)).toBe('head');
  journal.append('more');
  expect(readFirstRecord(file)).toBe('head');
  journal.close();
});

test('every record that its owner knows to be written is read by whoever seals it', async () => {
  for (let round = 0; round < 5; round += 1) {
    const file = join(folder, `raced-${round}`);
    const owner = spawn(process.execPath, ['--import', 'tsx', OWNER, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = createInterface(owner.stdout)[Symbol.asyncIterator]();
    expect((await said.next()).value).toBe('begun');
    await wait(Math.random() * 5);
    const read = sealJournal(file) ?? [];
    const granted = Number((await said.next()).value);
    expect(granted).toBeGreaterThan(0);
    expect(read).toContain(String(granted));
  }
}, 60_000);

const OWNER = fileURLToPath(new URL('../../support/journal-writer-child.ts', import.meta.url));
