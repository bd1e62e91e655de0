import { mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../../src/platform/db/migrate.js';
import { startServers } from '../../../src/platform/embedded/servers.js';

/** One real Postgres for all tests, with a migrated database to clone; PAPERROUND_TEST_DATABASE_URL names another. */
export async function startTestPostgres(): Promise<{ databaseUrl: string; stop(): Promise<void> }> {
  const given = process.env['PAPERROUND_TEST_DATABASE_URL'];
  if (given !== undefined) {
    await createTemplateDatabase(given);
    return { databaseUrl: given, stop: async () => {} };
  }
  const servers = await startServers({
    dataDir: await mkdtemp(join(await findFolder(), 'paperround-tests-')),
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

const MEMORY_FOLDER = '/dev/shm';
/** The databases of a run, of 10 MB each, and the write-ahead log, of 1 GB. */
const ROOM_BYTES = 3e9;

/** In memory where there is room: most of what a new database takes is the making of its three hundred files. */
async function findFolder(): Promise<string> {
  const room = await statfs(MEMORY_FOLDER).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return room >= ROOM_BYTES ? MEMORY_FOLDER : tmpdir();
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
