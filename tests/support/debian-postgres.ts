import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { chooseRunAs } from '../../src/platform/embedded/run-as.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import { waitUntil } from './wait-until.js';

const bin = '/usr/lib/postgresql/15/bin';

/** Whether the oldest Postgres that Paperround runs on is installed (Debian's package postgresql-15). */
export const hasDebianPostgres = existsSync(join(bin, 'initdb'));

/**
 * A cluster of its own on Debian's Postgres 15. It sorts text as in English, as a server does that was set up in a usual locale;
 * our private one sorts by code points.
 */
export async function startDebianPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-postgres-15-'));
  const user = await chooseRunAs(folder);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const options = { cwd: folder, ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }) };
  const data = join(folder, 'data');
  const locale = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
  const login = ['--username=paperround', '--auth=trust', '--no-sync'];
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, ...login, ...locale], {
    ...options,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await findFreePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    fsync: 'off',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...args], { ...options, stdio: 'ignore' });
  const ended = once(server, 'exit');
  const stopWithUs = () => server.kill('SIGQUIT');
  process.once('exit', stopWithUs);
  const url = `postgres://paperround@127.0.0.1:${port}/postgres`;
  await waitUntil(() => answers(url));
  return {
    url,
    stop: async () => {
      process.off('exit', stopWithUs);
      server.kill('SIGINT'); // fast: connections end
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
