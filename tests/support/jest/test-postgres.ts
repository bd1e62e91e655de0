import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../../src/platform/db/migrate.js';
import { startServers } from '../../../src/platform/embedded/servers.js';
import { fastFolder } from '../fast-folder.js';

/** One real Postgres for all tests, with a migrated database to clone; PAPERROUND_TEST_DATABASE_URL names another. */
export async function startTestPostgres(): Promise<{ databaseUrl: string; stop(): Promise<void> }> {
  const given = process.env['PAPERROUND_TEST_DATABASE_URL'];
  if (given !== undefined) {
    await createTemplateDatabase(given);
    return { databaseUrl: given, stop: async () => {} };
  }
  const servers = await startServers({
    dataDir: await mkdtemp(join(fastFolder(), 'paperround-tests-')),
    postgres: true,
    redis: false,
    inbox: false,
    ephemeral: true,
    searchPath: '',
    report: () => {},
    onServerExit: (sentence) => console.error(sentence),
  });
  const { databaseUrl } = servers;
  if (databaseUrl === undefined) throw new Error('The private Postgres of the tests did not start.');
  await createTemplateDatabase(databaseUrl);
  return { databaseUrl, stop: () => servers.stop() };
}

async function createTemplateDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('drop database if exists paperround_template');
  await client.query('create database paperround_template');
  await client.end();
  const template = new URL(databaseUrl);
  template.pathname = '/paperround_template';
  await migrate(template.toString());
}
