import pg from 'pg';
import { SECOND_MS } from '../durations.js';

/** How long a connection may take to be made, or to become free in the pool. */
export const CONNECT_LIMIT_MS = 5 * SECOND_MS;

/** How long we wait for the answer to a statement. A transaction that needs longer says so. */
export const STATEMENT_LIMIT_MS = 30 * SECOND_MS;

/** For every connection. Keep-alive finds a server whose machine or network is gone while nobody asks it anything. */
export const CONNECTION_LIMITS = {
  connectionTimeoutMillis: CONNECT_LIMIT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10 * SECOND_MS,
} satisfies pg.ClientConfig;

/** Postgres ends a statement by itself just before we stop waiting for it, so that the connection stays in use. */
export const serverLimitMs = (limitMs: number) => Math.round(limitMs - Math.min(SECOND_MS, limitMs / 10));

/**
 * What this code relies on and a role, a database or postgresql.conf may set otherwise. The driver reads dates,
 * intervals and bytes in these formats alone, and our SQL is written for these rules.
 */
export const SESSION_SETTINGS = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  row_security: 'on',
  exit_on_error: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  lock_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
  statement_timeout: String(serverLimitMs(STATEMENT_LIMIT_MS)),
} as const;

type Settings = Partial<Record<keyof typeof SESSION_SETTINGS, string>>;

/**
 * The same settings as start-up options, for a library that makes its own connections (libpq manual, `options`).
 * @param known the settings there are (`readKnownSettings`)
 * @param settings takes the place of single ones
 */
export function sessionOptions(known: ReadonlySet<string>, settings: Settings = {}): string {
  return Object.entries({ ...SESSION_SETTINGS, ...settings })
    .filter(([name]) => known.has(name))
    .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
    .join(' ');
}

/** Of the settings above, those that this Postgres has: it refuses a connection with others (`transaction_timeout` before 17). */
export async function readKnownSettings(databaseUrl: string): Promise<ReadonlySet<string>> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    ...CONNECTION_LIMITS,
    query_timeout: CONNECT_LIMIT_MS,
    options: `-c statement_timeout=${serverLimitMs(CONNECT_LIMIT_MS)}`,
  });
  client.on('error', () => {}); // what is asked of it then fails, and says so
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      'select name from pg_catalog.pg_settings where name = any($1::text[])',
      [Object.keys(SESSION_SETTINGS)],
    );
    return new Set(rows.map(({ name }) => name));
  } finally {
    await client.end();
  }
}

/**
 * Gives a new connection these settings. They are not start-up options, because connection poolers (PgBouncer) refuse
 * those.
 * @param settings takes the place of single ones
 */
export async function applySessionSettings(client: pg.ClientBase, settings: Settings = {}): Promise<void> {
  const wanted = { ...SESSION_SETTINGS, ...settings };
  const rows = Object.entries(wanted).map(([name, value]) => `('${name}', '${value}')`);
  const query = {
    // First by itself: a limit of a few milliseconds would end the statement that lifts it.
    text: `
      set statement_timeout = ${wanted.statement_timeout};
      select pg_catalog.set_config(s.name, wanted.value, false)
        from (values ${rows.join(', ')}) as wanted (name, value)
        join pg_catalog.pg_settings s on s.name = wanted.name
       where s.setting <> wanted.value
      union all
      select pg_catalog.set_config('search_path', ${SEARCH_PATH}, false)`,
    query_timeout: CONNECT_LIMIT_MS,
  };
  await client.query(query);
}

/**
 * `public`, unless our tables were once made elsewhere under a search_path that still leads to them. `outbox` has
 * been there since the first migration.
 */
const SEARCH_PATH = `
  case when to_regclass('public.migrations') is not null
        and to_regclass('public.outbox') is null
        and to_regclass('outbox') is not null
       then current_setting('search_path')
       else 'public'
  end`;
