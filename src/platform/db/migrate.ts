import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { runner } from 'node-pg-migrate';
import { UserFacingError } from '../user-facing-error.js';

/** The first version with a built-in `uuidv7()`. */
const MIN_POSTGRES_VERSION = 18;

/** SQL files are not copied to dist/: they are read from the source tree, also by the compiled code. */
const MIGRATIONS_DIR = fileURLToPath(new URL('./migrations', import.meta.url)).replace(
  /\bdist[/\\]src\b/,
  'src',
);

/**
 * Brings the database to this version's tables. Several processes may call it at once: one migrates, the rest wait.
 * @returns the names of the migrations that were applied now
 * @throws UserFacingError with a sentence for the operator when this Postgres does not answer or is too old
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'paperround migrate' });
  await connect(client);
  try {
    await requireMinPostgresVersion(client);
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS_DIR,
      direction: 'up',
      migrationsTable: 'migrations',
      advisoryLockMode: 'wait',
      log: () => {},
    });
    return applied.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

async function connect(client: pg.Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    // The driver's messages may name the host, but not the password.
    throw new UserFacingError(
      `The database cannot be used: ${(error as Error).message || 'it does not answer'}. ` +
        'Nothing was changed. Look at DATABASE_URL, and whether Postgres runs there.',
    );
  }
}

async function requireMinPostgresVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  const version = rows[0]?.version ?? '0';
  if (Number.parseInt(version, 10) >= MIN_POSTGRES_VERSION) return;
  throw new UserFacingError(
    `Paperround needs Postgres ${MIN_POSTGRES_VERSION} or newer; DATABASE_URL is a Postgres ${version}. ` +
      'Nothing was changed. Upgrade it, or point DATABASE_URL at a newer one.',
  );
}
