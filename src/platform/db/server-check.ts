import type pg from 'pg';
import { UserFacingError } from '../user-facing-error.js';
import { isTransactionPooled } from './pooler.js';
import { SESSION_SETTINGS } from './session-settings.js';

/** The oldest version that the tests run on; Postgres itself supports it until November 2027 (its versioning policy). */
export const MIN_POSTGRES_VERSION = 15;

/** What we do not set ourselves: whoever set these otherwise meant it, or may do so without us. */
const REQUIRED_SETTINGS: Record<string, string> = {
  default_transaction_read_only: 'off',
  session_replication_role: 'origin',
};

/**
 * Of the settings we make, those that PgBouncer does not carry from one session to the next, and that change what
 * statements mean.
 */
const LOST_BEHIND_POOLER: (keyof typeof SESSION_SETTINGS)[] = [
  'IntervalStyle',
  'bytea_output',
  'extra_float_digits',
  'array_nulls',
  'row_security',
  'exit_on_error',
  'default_transaction_isolation',
  'transaction_timeout',
];

type Setting = { name: string; value: string; source: string };

/**
 * @param client a new connection, before anything was set on it
 * @throws UserFacingError naming what keeps us from using this Postgres: its version, or a setting
 */
export async function requireUsableServer(client: pg.Client, databaseUrl: string): Promise<void> {
  const server = await readServer(client);
  if (server.version < MIN_POSTGRES_VERSION)
    throw new UserFacingError(
      `Paperround needs Postgres ${MIN_POSTGRES_VERSION} or newer; DATABASE_URL is a Postgres ${server.versionText}. ` +
        'Nothing was changed. Upgrade it, or point DATABASE_URL at a newer one.',
    );
  if (server.isStandby)
    throw new UserFacingError(
      'DATABASE_URL is a standby, which can only be read. Nothing was changed. Point it at the primary server.',
    );
  if (server.encoding !== 'UTF8')
    throw new UserFacingError(
      `The database of DATABASE_URL is encoded in ${server.encoding}, which cannot hold every name; Paperround needs UTF8. Nothing ` +
        'was changed. Make another one: createdb --template template0 --encoding UTF8 --locale C.UTF-8 NAME',
    );
  const wrong = await listOthers(client, REQUIRED_SETTINGS);
  if (wrong.length > 0) throw unusableError(wrong, server, '');
  const lost = await listLostSettings(client);
  if (lost.length > 0 && (await isTransactionPooled(client, databaseUrl)))
    throw unusableError(
      lost,
      server,
      ' DATABASE_URL leads through a connection pooler in transaction mode, where Paperround cannot set this itself.',
    );
}

type Server = {
  version: number;
  versionText: string;
  isStandby: boolean;
  encoding: string;
  role: string;
  database: string;
};

async function readServer(client: pg.Client): Promise<Server> {
  const { rows } = await client.query<Server>(`
    select current_setting('server_version_num')::int / 10000 as version,
           current_setting('server_version') as "versionText",
           pg_is_in_recovery() as "isStandby",
           current_setting('server_encoding') as encoding,
           quote_ident(session_user) as role,
           quote_ident(current_database()) as database`);
  const [server] = rows;
  if (server === undefined) throw new Error('Postgres did not say what it is.');
  return server;
}

async function listLostSettings(client: pg.Client): Promise<Setting[]> {
  const wanted = Object.fromEntries(LOST_BEHIND_POOLER.map((name) => [name, SESSION_SETTINGS[name]]));
  const others = await listOthers(client, wanted);
  const { rows } = await client.query<Setting>(`
    select name, setting as value, source
      from pg_settings
     where name = 'search_path'
       and coalesce(to_regclass('public.outbox'), to_regclass('outbox')) is distinct from to_regclass('outbox')`);
  return [...others, ...rows];
}

/** The settings that are not as they are wanted. */
async function listOthers(client: pg.Client, wanted: Record<string, string>): Promise<Setting[]> {
  const { rows } = await client.query<Setting>(
    'select name, setting as value, source from pg_settings where name = any($1::text[])',
    [Object.keys(wanted)],
  );
  return rows.filter(({ name, value }) => value !== wanted[name]);
}

function unusableError(settings: readonly Setting[], server: Server, reason: string): UserFacingError {
  const found = settings
    .map(({ name, value, source }) => `${name} is ${value || 'empty'} (${source})`)
    .join(', ');
  const remedies = settings.map((setting) => remedyOf(setting, server)).join('; ');
  return new UserFacingError(
    `The database cannot be used with its settings: ${found}.${reason} Nothing was changed. Set it back: ${remedies}`,
  );
}

/** The statement that takes a setting back, by where Postgres has it from (pg_settings.source). */
function remedyOf({ name, source }: Setting, { role, database }: Server): string {
  switch (source) {
    case 'user':
      return `alter role ${role} reset ${name}`;
    case 'database':
      return `alter database ${database} reset ${name}`;
    case 'database user':
      return `alter role ${role} in database ${database} reset ${name}`;
    case 'client':
      return `take ${name} out of DATABASE_URL`;
    default:
      return `change ${name} in postgresql.conf`;
  }
}
