import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MIN_POSTGRES_VERSION } from '../../src/platform/db/server-check.js';
import { startHeartbeat } from '../../src/cli/start/heartbeat.js';
import { createLog } from '../../src/platform/log.js';
import { NODE_MAJORS } from '../release/node-majors.js';
import { waitUntil } from '../support/wait-until.js';

const compose = ['docker-compose', 'docker'].find(
  (name) => spawnSync(name, ['compose', 'version']).status === 0,
)
  ? ['docker', 'compose']
  : spawnSync('docker-compose', ['--version']).status === 0
    ? ['docker-compose']
    : undefined;
const withCompose = compose === undefined ? test.skip : test;
const reason = compose === undefined ? ' (skipped: no docker-compose here)' : '';

function composeConfig(environment: Record<string, string>): string {
  const [command = '', ...first] = compose ?? [];
  const env = { PATH: process.env['PATH'], ...environment };
  const { status, stdout, stderr } = spawnSync(command, [...first, '-f', 'docker-compose.yml', 'config'], {
    encoding: 'utf8',
    env,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

withCompose(`docker-compose.yml is valid and starts all five parts of a try-out${reason}`, () => {
  const config = composeConfig({});
  for (const service of ['web', 'worker', 'postgres', 'redis', 'mailpit']) {
    expect(config).toMatch(new RegExp(`^  ${service}:$`, 'm'));
  }
  expect(config).toMatch(/read_only: true/);
});

withCompose(`settings of production reach web and worker${reason}`, () => {
  const config = composeConfig({ NODE_ENV: 'production', SMTP_URL: 'smtps://mail.example.com' });
  expect(config.match(/^ +NODE_ENV: production$/gm)).toHaveLength(2);
  expect(config.match(/^ +SMTP_URL: smtps:\/\/mail.example.com$/gm)).toHaveLength(2);
});

withCompose(`Caddy stands in front for who asks for it by its profile${reason}`, () => {
  const config = composeConfig({ PUBLIC_URL: 'https://news.example.com', COMPOSE_PROFILES: 'caddy' });
  const [caddy = ''] = /^ {2}caddy:\n(?: {4}.*\n)+/m.exec(config) ?? [];
  expect(caddy).toMatch(/profiles:\n +- caddy\n/);
  expect(caddy).toMatch(/- --from\n +- https:\/\/news\.example\.com\n +- --to\n +- web:3000\n/);
});

test('whoever runs it in containers gets what the releases are tested on, and a health check of each process of ours', () => {
  const compose = readFileSync('docker-compose.yml', 'utf8');
  expect(compose).toMatch(/image: postgres:18$/m);
  expect(compose).toMatch(/image: (redis|valkey\/valkey):[89]$/m);
  expect(readFileSync('Dockerfile', 'utf8').match(/^FROM node:24-/gm)).toHaveLength(2);
  for (const service of ['web', 'worker'])
    expect(compose).toMatch(new RegExp(`^  ${service}:\\n(    .*\\n|\\n)*?    healthcheck:`, 'm'));
});

test('public CI has every Node and Postgres that the code admits', () => {
  const [, quick = ''] =
    /^  quick:\n([^]*?)\n  \w+:\n {4}runs-on/m.exec(readFileSync('.github/workflows/ci.yml', 'utf8')) ?? [];
  const listed = (name: string) =>
    /\[(.*)\]/.exec(new RegExp(`^ +${name}: (.*)$`, 'm').exec(quick)?.[1] ?? '')?.[1]?.match(/[\d.]+/g) ?? [];
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  expect(listed('node')[0]).toBe(engines.node.replace('>=', ''));
  expect(listed('node').map((version) => version.split('.')[0])).toEqual(NODE_MAJORS);
  expect(listed('postgres')).toEqual(['15', '16', '17', '18']);
  expect(`${MIN_POSTGRES_VERSION}`).toBe(listed('postgres')[0]);
});

/** The entry point, with `node` replaced by a program that prints what it would have been given. */
function entrypointEnvironment(environment: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'paperround-entry-'));
  writeFileSync(join(directory, 'node'), '#!/bin/sh\necho "$1 $2"; env\n', { mode: 0o755 });
  const { stdout } = spawnSync('sh', ['bin/docker-entrypoint.sh', 'web'], {
    encoding: 'utf8',
    env: { PATH: `${directory}:${process.env['PATH']}`, ...environment },
  });
  return stdout;
}

const tryOut = {
  TRY_OUT_DATABASE_URL: 'postgres://try',
  TRY_OUT_REDIS_URL: 'redis://try',
  TRY_OUT_SMTP_URL: 'smtp://try',
};

test('a try-out is given the servers beside it', () => {
  const told = entrypointEnvironment(tryOut);
  expect(told).toMatch('/app/bin/paperround.js web');
  expect(told).toMatch(/^DATABASE_URL=postgres:\/\/try$/m);
  expect(told).toMatch(/^SMTP_URL=smtp:\/\/try$/m);
});

test('production is given nothing that was not set', () => {
  const told = entrypointEnvironment({ ...tryOut, NODE_ENV: 'production', REDIS_URL: 'redis://ours' });
  expect(told).not.toMatch(/^DATABASE_URL=/m);
  expect(told).not.toMatch(/^SMTP_URL=/m);
  expect(told).toMatch(/^REDIS_URL=redis:\/\/ours$/m);
});

test('the worker writes the file that its health check looks at, and one that is missing or old fails it', async () => {
  const [, path = '', check = ''] =
    /command: \[worker, --heartbeat, (\S+)\][^]*?\s"(process\.exit.+)"/.exec(
      readFileSync('docker-compose.yml', 'utf8'),
    ) ?? [];
  expect(path).not.toBe('');
  expect(check).toContain(`'${path}'`);
  const file = join(mkdtempSync(join(tmpdir(), 'paperround-heartbeat-')), 'heartbeat');
  const isHealthy = () => spawnSync('node', ['-e', check.replace(path, file)]).status === 0;
  expect(isHealthy()).toBe(false);
  const stop = startHeartbeat(file, createLog('silent'));
  await waitUntil(() => existsSync(file));
  await stop();
  expect(isHealthy()).toBe(true);
  const aMinuteAgo = new Date(Date.now() - 60_000);
  utimesSync(file, aMinuteAgo, aMinuteAgo);
  expect(isHealthy()).toBe(false);
});

test('every setting that Paperround reads can be set for the containers', () => {
  const file = readFileSync('docker-compose.yml', 'utf8');
  const names = [...readFileSync('.env.example', 'utf8').matchAll(/^#? ?([A-Z_]+)=/gm)].map(
    ([, name]) => name,
  );
  expect(names.length).toBeGreaterThan(10);
  // Where to listen and where data lies are the image's own business.
  const elsewhere = new Set(['HOST', 'PORT', 'DATA_DIR']);
  for (const name of names.filter((each) => !elsewhere.has(each ?? ''))) expect(file).toMatch(`${name}:`);
});
