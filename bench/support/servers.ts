import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDatabase, type Db } from '../../src/platform/db/database.js';
import { raw, sql } from '../../src/platform/db/sql.js';
import { startPrivateServer, type PrivateServer } from './private-server.js';

/** Signs the links of all databases of this run. */
export const secretKey = randomBytes(32).toString('hex');

/** A Postgres of our own, with everything on that keeps data safe, and a Redis when there is one on PATH. */
export type BenchServers = {
  /** Everything of this run lies below it: data, journals, logs. */
  folder: string;
  postgres: PrivateServer;
  redis: PrivateServer | undefined;
  /** The address of one of its databases. */
  urlOf(database: string): string;
  stop(): Promise<void>;
};

/** Starts both in a temporary folder; `stop` ends them and removes it. They end with this process, however it ends. */
export async function startBenchServers(report: (line: string) => void): Promise<BenchServers> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'paperround-bench-'));
  chmodSync(folder, 0o755); // started by root, the servers run as another user
  const postgres = await startPrivateServer('postgres', join(folder, 'postgres'), report);
  if (postgres === undefined) throw new Error('The private Postgres did not start.');
  const redis = await startPrivateServer('redis', join(folder, 'redis'), report);
  return {
    folder,
    postgres,
    redis,
    urlOf: (database) => Object.assign(new URL(postgres.url), { pathname: `/${database}` }).toString(),
    stop: async () => {
      await redis?.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Makes a database, a copy of another when one is named: nobody may be connected to that one. */
export async function createDatabase(
  servers: BenchServers,
  name: string,
  template = 'template1',
): Promise<void> {
  await runOnServer(servers, `create database ${name} template ${template}`);
  if (template === 'template1') return;
  // Of its own: by its counters a worker would take it for one that was restored, and hold all mail.
  await withDatabase(servers, name, (db) => db.run(sql`update installation set id = gen_random_uuid()`));
}

/** Makes a copy that knows itself as what it is copied from, as a dump does. Whoever is connected to that is cut off. */
export async function copyDatabase(servers: BenchServers, name: string, copy: string): Promise<void> {
  await runOnServer(
    servers,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
  );
  await runOnServer(servers, `create database ${copy} template ${name}`);
}

/** Puts a copy in a database's place, also while that is in use. */
export async function restoreDatabase(servers: BenchServers, name: string, copy: string): Promise<void> {
  await dropDatabase(servers, name);
  await runOnServer(servers, `alter database ${copy} rename to ${name}`);
}

export function dropDatabase(servers: BenchServers, name: string): Promise<void> {
  return runOnServer(servers, `drop database if exists ${name} with (force)`);
}

/** Does something with one of the databases, and leaves it without a connection. */
export async function withDatabase<Result>(
  servers: BenchServers,
  name: string,
  work: (db: Db) => Promise<Result>,
): Promise<Result> {
  const db = connectDatabase(servers.urlOf(name), () => {}, 4);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const REPORTED_SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
];

/** The settings that make the ledger durable, as the server reports them. */
export function readSettings(servers: BenchServers): Promise<Record<string, string>> {
  return withDatabase(servers, 'postgres', async (db) => {
    const rows = await db.many<{ name: string; setting: string }>(sql`
      select name, current_setting(name) as setting
        from unnest(${REPORTED_SETTINGS}::text[]) as name
    `);
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  });
}

async function runOnServer(servers: BenchServers, statement: string): Promise<void> {
  await withDatabase(servers, 'postgres', (db) => db.run(sql`${raw(statement)}`));
}
