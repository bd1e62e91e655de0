import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { deriveKey, loadKeys } from '../../../src/platform/crypto/keys.js';

const newDir = () => mkdtempSync(join(tmpdir(), 'paperround-keys-'));
const [first, second] = ['0123456789abcdef'.repeat(4), 'fedcba9876543210'.repeat(4)];

test('a secret makes the same keys everywhere, one for each purpose, and an id that reveals nothing', () => {
  const [one, same, other] = [deriveKey(first), deriveKey(first), deriveKey(second)];
  expect(one.id).toMatch(/^[0-9a-f]{8}$/);
  expect(same.id).toBe(one.id);
  expect(other.id).not.toBe(one.id);
  expect(one.derive('link:confirm')).toHaveLength(32);
  expect(same.derive('link:confirm')).toEqual(one.derive('link:confirm'));
  const all = [one.derive('link:confirm'), one.derive('link:never'), other.derive('link:confirm')];
  expect(new Set(all.map((bytes) => bytes.toString('hex'))).size).toBe(3);
  expect(all[0]?.toString('hex')).not.toContain(one.id);
  expect(first).not.toContain(one.id);
});

test('of several SECRET_KEYs the first signs', () => {
  const keys = loadKeys({ secretKeys: [second, first], dataDir: '/nowhere' });
  expect(keys.map(({ id }) => id)).toEqual([deriveKey(second).id, deriveKey(first).id]);
});

test('a key for unsubscribe links only is the same key, marked as such', () => {
  const [, kept] = loadKeys({ secretKeys: [second, `unsubscribe-only:${first}`], dataDir: '/nowhere' });
  expect(kept).toMatchObject({ id: deriveKey(first).id, unsubscribeOnly: true });
  expect(kept?.derive('link:unsubscribe')).toEqual(deriveKey(first).derive('link:unsubscribe'));
  expect(deriveKey(first).unsubscribeOnly).toBe(false);
});

test('without one, a key is made once and stored where only this user can read it', () => {
  const dataDir = join(newDir(), 'not', 'there', 'yet');
  const [made] = loadKeys({ secretKeys: [], dataDir });
  const [again] = loadKeys({ secretKeys: [], dataDir });
  expect(again.id).toBe(made.id);
  const file = join(dataDir, 'secret-key');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  expect(readdirSync(dataDir)).toEqual(['secret-key']);
  expect(loadKeys({ secretKeys: [], dataDir: newDir() })[0].id).not.toBe(made.id);
});

test('a key that is there already is never overwritten', () => {
  const dataDir = newDir();
  writeFileSync(join(dataDir, 'secret-key'), `${first}\n`);
  expect(loadKeys({ secretKeys: [], dataDir })[0].id).toBe(deriveKey(first).id);
  expect(readFileSync(join(dataDir, 'secret-key'), 'utf8')).toBe(`${first}\n`);
});

test.each(['', '\n', '0123456789abcdef', `${first.slice(0, 31)}\n`])(
  'a key file that is empty or cut short stops the start, and is left as it is (%j)',
  (text) => {
    const dataDir = newDir();
    const file = join(dataDir, 'secret-key');
    writeFileSync(file, text);
    expect(() => loadKeys({ secretKeys: [], dataDir })).toThrow(
      expect.objectContaining({
        name: 'UserFacingError',
        message: expect.stringMatching(/needs at least 32.*Nothing was started\. Put it back from a backup/s),
      }),
    );
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);

test('several first starts at once agree on one key, whole', async () => {
  const dataDir = newDir();
  const script = `
    const { loadKeys } = await import(${JSON.stringify(SOURCE)});
    console.log(loadKeys({ secretKeys: [], dataDir: ${JSON.stringify(dataDir)} })[0].id);`;
  const run = promisify(execFile);
  const starts = Array.from({ length: 4 }, () =>
    run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]),
  );
  const ids = new Set((await Promise.all(starts)).map(({ stdout }) => stdout.trim()));
  expect([...ids]).toEqual([loadKeys({ secretKeys: [], dataDir })[0].id]);
  expect(readdirSync(dataDir)).toEqual(['secret-key']);
}, 60_000);

const SOURCE = join(import.meta.dirname, '../../../src/platform/crypto/keys.ts');

test('a folder that cannot be written is an error, not a key that is lost', () => {
  const file = join(newDir(), 'a-file');
  writeFileSync(file, '');
  expect(() => loadKeys({ secretKeys: [], dataDir: file })).toThrow();
});
