import type { Db } from '../../src/platform/db/database.js';
import { raw, sql } from '../../src/platform/db/sql.js';

/** The rows of each table as JSON texts, in a fixed order. */
export type TableDump = Record<string, string[]>;

/** Tables that only count requests and forms. */
const COUNTER_TABLES = ['rate_limits', 'sign_up_limits', 'sign_up_counts'];

/**
 * Every row of every table: two dumps are equal when nothing was written in between.
 * @param except tables that may change
 */
export async function dumpTables(db: Db, except: readonly string[] = COUNTER_TABLES): Promise<TableDump> {
  const tables = await db.many<{ name: string }>(sql`
    select tablename as name from pg_tables where schemaname = 'public' order by tablename
  `);
  const dump: TableDump = {};
  for (const { name } of tables.filter((table) => !except.includes(table.name))) {
    const rows = await db.many<{ row: string }>(
      sql`select to_jsonb(t)::text as row from ${raw(`"${name}"`)} t order by 1`,
    );
    dump[name] = rows.map(({ row }) => row);
  }
  return dump;
}

/** The names of the tables in which two dumps differ. */
export function changedTables(before: TableDump, after: TableDump): string[] {
  return Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
