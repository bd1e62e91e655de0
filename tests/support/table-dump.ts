import type { Db } from '../../src/platform/db/database.js';
import { raw, sql } from '../../src/platform/db/sql.js';

/** The rows of each table as JSON texts, in a fixed order. */
export type TableDump = Record<string, string[]>;

/** Tables that only count requests and forms, and the one that says when a mail server answered, which follows a mail's arrival. */
const COUNTER_TABLES = ['rate_limits', 'sign_up_limits', 'sign_up_counts', 'reached_transports'];

/**
 * Every row of every table: two dumps are equal when nothing was written in between.
 * @param except tables that may change
 */
export async function dumpTables(db: Db, except: readonly string[] = COUNTER_TABLES): Promise<TableDump> {
  const tables = await db.many<{ name: string }>(sql`
    select tablename as name from pg_tables where schemaname = 'public' order by tablename
  `);
  const names = tables.map(({ name }) => name).filter((name) => !except.includes(name));
  const dump: TableDump = Object.fromEntries(names.map((name) => [name, []]));
  // In one statement: with one for each table, a test that dumps around many steps would send thousands.
  const selects = names.map((name) => `select '${name}' as name, to_jsonb(t)::text as row from "${name}" t`);
  const rows = await db.many<{ name: string; row: string }>(
    raw(`${selects.join(' union all ')} order by 1, 2`),
  );
  for (const { name, row } of rows) dump[name]?.push(row);
  return dump;
}

/** The names of the tables in which two dumps differ. */
export function changedTables(before: TableDump, after: TableDump): string[] {
  return Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
