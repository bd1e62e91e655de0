import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';

type Built = { file: string; integrity: string; script: string; styles: Record<string, string> };

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'templates/embed');
const builds = JSON.parse(read('builds.json')) as { file: string; integrity: string }[];

test('the newest script and the style sheets are what the sources make', async () => {
  const { buildEmbed } = (await import(join(root, 'bin/build-embed.js'))) as { buildEmbed(): Promise<Built> };
  const { file, integrity, script, styles } = await buildEmbed();
  // When this fails: npm run embed.
  expect(builds.at(-1)).toEqual({ file, integrity });
  expect(read(file)).toBe(script);
  for (const [name, css] of Object.entries(styles)) expect(read(name).trim()).toBe(css);
}, 30_000);

test('form, prompt and button together are at most 3 KB on the wire', () => {
  expect(gzipSync(read(newest()), { level: 9 }).length).toBeLessThanOrEqual(3 * 1024);
});

test('every script that was released is still there, under the digest it was released with', () => {
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  expect(builds.map(({ file }) => file).toSorted()).toEqual(scripts.toSorted());
  for (const { file, integrity } of builds) {
    expect(integrity).toBe(`sha384-${createHash('sha384').update(read(file)).digest('base64')}`);
    expect(file).toBe(`embed-${createHash('sha256').update(read(file)).digest('hex').slice(0, 10)}.js`);
  }
});

test('it stores three keys, sets no cookie, evaluates no code, and contains no address', () => {
  const script = read(newest());
  expect(new Set(script.match(/"nl-(read|asked|off)"/g))).toEqual(
    new Set(['"nl-read"', '"nl-asked"', '"nl-off"']),
  );
  expect(script.match(/localStorage/g)).toHaveLength(2);
  expect(script).not.toMatch(/cookie|eval|Function\(|indexedDB|sessionStorage|sendBeacon|https?:/);
});

function newest(): string {
  return builds.at(-1)?.file ?? '';
}

function read(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}
