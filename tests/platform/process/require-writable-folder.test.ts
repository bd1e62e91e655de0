import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { requireWritableFolder } from '../../../src/platform/process/require-writable-folder.js';

const home = mkdtempSync(join(tmpdir(), 'paperround-writable-'));
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('a folder that is not there is made, and nothing is left in it', () => {
  requireWritableFolder(join(home, 'data', 'journal'));
  expect(readdirSync(join(home, 'data', 'journal'))).toEqual([]);
});

test('one that cannot be made or written is named, with who may not and whose it is', () => {
  // A file in its place: root, who may run the tests, can write in every folder.
  requireWritableFolder(home);
  writeFileSync(join(home, 'data'), '');
  const uid = process.getuid?.();
  expect(() => requireWritableFolder(join(home, 'data', 'journal'))).toThrow(
    `The folder ${join(home, 'data', 'journal')} cannot be written (ENOTDIR) by the user with the id ${uid}: ` +
      `${join(home, 'data')} belongs to the user with the id ${uid}. Nothing was started.`,
  );
});
