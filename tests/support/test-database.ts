import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { connectDatabase, type Db } from '../../src/platform/db/database.js';
import { ensureUuidv7 } from '../../src/platform/db/ensure-uuidv7.js';

const MIGRATIONS = fileURLToPath(new URL('../../src/platform/db/migrations', import.meta.url));

export type TestDatabase = { db: Db; url: string; close(): Promise<void> };

/** A database of its own, cloned from the migrated template that the global setup made. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase('paperround_template');
}

/** A database of its own, without tables. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template1');
}

/** Migrates an empty database up to, but without, the migration whose name begins so: for rows of an older version. */
export async function migrateUntil({ url }: Pick<TestDatabase, 'url'>, name: string): Promise<void> {
  const files = readdirSync(MIGRATIONS).filter((file) => file.endsWith('.sql'));
  const count = files.toSorted().findIndex((file) => file.startsWith(name));
  if (count < 1) throw new Error(`There is no migration ${name}.`);
  const dbClient = new pg.Client({ connectionString: url });
  await dbClient.connect();
  try {
    await ensureUuidv7(dbClient);
    await runner({
      ...{ dbClient, dir: MIGRATIONS, migrationsTable: 'migrations', direction: 'up', count },
      log: () => {},
    });
  } finally {
    await dbClient.end();
  }
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const server = new URL(serverUrl());
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runOnServer(server, `create database ${name} template ${template} strategy file_copy`);
  server.pathname = `/${name}`;
  const url = server.toString();
  const db = connectDatabase(url, () => {});
  const close = async () => {
    await db.close();
    await runOnServer(server, `drop database if exists ${name} with (force)`);
  };
  return { db, url, close };
}

export function serverUrl(): string {
  const url = process.env['PAPERROUND_TEST_DATABASE_URL'];
  if (url === undefined) throw new Error('The global setup of the tests did not start Postgres.');
  return url;
}

async function runOnServer(server: URL, statement: string): Promise<void> {
  const address = new URL(server);
  address.pathname = '/postgres';
  const client = new pg.Client({ connectionString: address.toString() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
