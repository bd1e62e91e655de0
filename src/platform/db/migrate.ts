import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { runner } from 'node-pg-migrate';
import { findPackageFolder } from '../process/program-folder.js';
import { UserFacingError } from '../user-facing-error.js';
import { ensureUuidv7 } from './ensure-uuidv7.js';
import { explainConnectError } from './connect-error.js';
import { requireUsableServer } from './server-check.js';
import { isTransactionPooled } from './pooler.js';
import { takeMigrationLock } from './migration-lock.js';
import { applySessionSettings, CONNECTION_LIMITS } from './session-settings.js';

/** SQL files are not copied to dist/: they are read from the source tree, also by the compiled code. */
const MIGRATIONS_DIR = join(findPackageFolder(), 'src/platform/db/migrations');

/**
 * Brings the database to this version's tables. Several processes may call it at once: one migrates, the rest wait.
 * Where there is nothing to do, no lock is taken.
 * @param report called with a sentence when another process has held the lock for 5 s
 * @returns the names of the migrations that were applied now
 * @throws UserFacingError with a sentence for the operator when this Postgres cannot be used, or has the tables of a
 * newer version
 */
export async function migrate(
  databaseUrl: string,
  report: (sentence: string) => void = () => {},
): Promise<string[]> {
  const client = await connect(databaseUrl);
  try {
    await client.query('set statement_timeout = 0');
    await requireUsableServer(client, databaseUrl);
    await applySessionSettings(client, { statement_timeout: '0' });
    if ((await findPending(client)).length === 0) return [];
    await requireDirectConnection(client, databaseUrl);
    const unlock = await takeMigrationLock(client, report);
    try {
      return await applyPending(client);
    } finally {
      await unlock().catch(() => {}); // whoever lost the connection has lost the lock too
    }
  } finally {
    await client.end();
  }
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  try {
    // The driver reads the files of sslrootcert and others here.
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'paperround migrate',
      ...CONNECTION_LIMITS,
    });
    // It may be lost later too; whatever is asked of it then fails, and says so.
    client.on('error', () => {});
    await client.connect();
    return client;
  } catch (error) {
    throw explainConnectError(error);
  }
}

async function applyPending(client: pg.Client): Promise<string[]> {
  await findPending(client);
  await ensureUuidv7(client);
  const applied = await runner({
    dbClient: client,
    dir: MIGRATIONS_DIR,
    direction: 'up',
    migrationsTable: 'migrations',
    // Its order goes by times that were written in the time zone of whoever migrated; `findPending` goes by names.
    checkOrder: false,
    noLock: true,
    log: () => {},
  });
  return applied.map((migration) => migration.name);
}

/**
 * The migrations of this version that the database has not had yet.
 * @throws UserFacingError when it has had others, or later ones
 */
async function findPending(client: pg.Client): Promise<string[]> {
  const known = readdirSync(MIGRATIONS_DIR)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.replace(/\.sql$/, ''))
    .toSorted();
  const applied = await listApplied(client);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw newerTablesError(known.at(-1), unknown.at(-1));
  const pending = known.filter((name) => !applied.includes(name));
  const [first] = pending;
  const last = applied.at(-1);
  if (first !== undefined && last !== undefined && first < last)
    throw new UserFacingError(
      `This database has had the migration ${last}, and not ${first}, which comes before it. ` +
        'Nothing was started or changed. Start the version that made it.',
    );
  return pending;
}

async function listApplied(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query(`select to_regclass('public.migrations') as name`);
  if ((tables as { name: string | null }[])[0]?.name === null) return [];
  const { rows } = await client.query<{ name: string }>('select name from public.migrations');
  return rows.map(({ name }) => name).toSorted();
}

function newerTablesError(lastKnown: string | undefined, found: string | undefined): UserFacingError {
  return new UserFacingError(
    `This database was migrated by a newer Paperround: its tables are at ${found}, and this version knows them up to ` +
      `${lastKnown}. Nothing was started or changed. ` +
      'Start the newer version, or restore the backup from before its upgrade.',
  );
}

async function requireDirectConnection(client: pg.Client, databaseUrl: string): Promise<void> {
  if (!(await isTransactionPooled(client, databaseUrl))) return;
  throw new UserFacingError(
    'There are migrations to apply, and DATABASE_URL leads through a connection pooler in transaction mode, where one ' +
      'process cannot keep another from migrating too. Nothing was changed. Run `paperround migrate` once with the ' +
      'DATABASE_URL of the database itself, then start again.',
  );
}
