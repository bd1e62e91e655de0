import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  findBundledPostgres,
  restoreLinks,
  ensureRunnablePostgres,
} from '../../../src/platform/embedded/postgres-binaries.js';
import { chooseRunAs } from '../../../src/platform/embedded/run-as.js';
import { createTempDirectory } from '../../support/embedded/server-processes.js';

const asRoot = process.getuid?.() === 0 ? test : test.skip;
let folder: string;
jest.setTimeout(60_000);

beforeAll(() => {
  folder = createTempDirectory();
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('several processes may add the missing links at once, and Postgres then runs', async () => {
  const bundle = unpackedBundle('several');
  const module = join(import.meta.dirname, '../../../src/platform/embedded/postgres-binaries.ts');
  const script = `import(${JSON.stringify(module)}).then((m) => process.exit(m.restoreLinks(process.argv[1]) ? 0 : 9))`;
  const children = [1, 2, 3].map(() => spawn(process.execPath, ['--import', 'tsx', '-e', script, bundle]));
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number));
  expect(codes).toEqual([0, 0, 0]);
  expect(lstatSync(join(bundle, 'native/lib/libicuuc.so.60')).isSymbolicLink()).toBe(true);
  expect((await ensureRunnablePostgres(bundle, folder)).version).toMatch(/^18\.\d+$/);
  expect(readdirSync(join(bundle, 'native/lib'))).toEqual(
    expect.not.arrayContaining([expect.stringMatching(/tmp/)]),
  );
});

test('programs without permission to run are given it', async () => {
  const bundle = unpackedBundle('permission');
  chmodSync(join(bundle, 'native/bin/initdb'), 0o644);
  restoreLinks(bundle);
  expect(lstatSync(join(bundle, 'native/bin/initdb')).mode & 0o777).toBe(0o755);
});

asRoot('below a closed directory the programs are copied once to where the user can run them', async () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const bundle = unpackedBundle('closed/bundle');
  const user = await chooseRunAs(dataDir);
  const first = await ensureRunnablePostgres(bundle, dataDir, user);
  expect(first.postgres.startsWith(join(dataDir, 'runtime'))).toBe(true);
  const { ino } = lstatSync(first.postgres);
  const second = await ensureRunnablePostgres(bundle, dataDir, user);
  expect([second, lstatSync(second.postgres).ino]).toEqual([first, ino]);
});

test('a platform without a bundled Postgres is told about DATABASE_URL', () => {
  const cpu = Object.getOwnPropertyDescriptor(process, 'arch');
  Object.defineProperty(process, 'arch', { ...cpu, value: 'mips' });
  try {
    expect(() => findBundledPostgres()).toThrow(/no bundled Postgres for \w+-mips.*Set DATABASE_URL/);
  } finally {
    Object.defineProperty(process, 'arch', cpu ?? {});
  }
});

/** The bundle as npm unpacks it: without any symbolic link. */
function unpackedBundle(name: string): string {
  const copy = join(folder, name);
  cpSync(findBundledPostgres(), copy, {
    recursive: true,
    filter: (source) => !lstatSync(source).isSymbolicLink(),
  });
  const links = JSON.parse(readFileSync(join(copy, 'native/pg-symlinks.json'), 'utf8')) as {
    target: string;
  }[];
  for (const { target } of links) {
    expect(lstatSync(join(copy, target), { throwIfNoEntry: false })).toBeUndefined();
  }
  return copy;
}
