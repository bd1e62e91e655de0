import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

type Locked = { dev?: boolean; devOptional?: boolean; optional?: boolean; hasInstallScript?: boolean };

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  allowScripts: Record<string, boolean>;
};
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);

test('a packed release has what runs, and neither sources nor tests', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
  });
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
  const paths = packed?.files.map(({ path }) => path) ?? [];
  const needed = ['src/platform/db/migrations', 'templates', 'systemd'].flatMap(filesBelow);
  expect(paths).toEqual(expect.arrayContaining(['bin/paperround.js', ...needed]));
  expect(paths.filter((path) => /\.ts$|^(tests|bench|workers)\/|^\.env$|\.map$/.test(path))).toEqual([]);
});

test('nothing that a release needs brings a script that runs when it is installed', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const needed = withScript.filter(([, { dev, devOptional, optional }]) => !(dev ?? devOptional ?? optional));
  expect(needed).toEqual([]);
  const denied = withScript.map(([path]) => [path.replace(/^.*node_modules\//, ''), false]);
  expect(Object.entries(manifest.allowScripts)).toEqual(expect.arrayContaining(denied));
});
