import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { chooseRunAs } from '../../src/platform/embedded/run-as.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import { waitUntil } from './wait-until.js';

const binary = ['pgbouncer', '/usr/sbin/pgbouncer'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** Whether there is one. */
export const hasPgbouncer = binary !== undefined;

/** A PgBouncer of its own in front of a database. `url` leads through it. */
export async function startPgbouncer(
  databaseUrl: string,
  poolMode: 'transaction' | 'session',
): Promise<{ url: string; stop(): Promise<void> }> {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'paperround-pgbouncer-'));
  chmodSync(folder, 0o755);
  const listenPort = await findFreePort();
  const settings = `
    [databases]
    * = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = ${listenPort}
    unix_socket_dir =
    auth_type = any
    pool_mode = ${poolMode}
    default_pool_size = 6
    `.replaceAll(/^ +/gm, '');
  writeFileSync(join(folder, 'pgbouncer.ini'), settings, { mode: 0o644 });
  // It refuses to run as root.
  const user = await chooseRunAs(folder);
  const server = spawn(binary ?? 'pgbouncer', [join(folder, 'pgbouncer.ini')], {
    stdio: 'ignore',
    cwd: '/',
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  });
  const ended = once(server, 'exit');
  const url = new URL(databaseUrl);
  url.port = `${listenPort}`;
  await waitUntil(() => answers(url.toString()));
  return {
    url: url.toString(),
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
