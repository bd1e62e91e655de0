import type { Db } from '../../src/platform/db/database.js';
import { raw, sql } from '../../src/platform/db/sql.js';

/** What the database answers a statement that touches a poisoned row: by default as a constraint or trigger would. */
const RAISED = 'P0001';

/**
 * Makes every insert, update and delete of one row fail, whatever the statement does to others. Answers how to mend it.
 * @param column of the row's table that has `id`
 * @param code SQLSTATE
 */
export async function poisonRow(
  db: Db,
  table: string,
  id: string,
  { column = 'id', code = RAISED }: { column?: string; code?: string } = {},
): Promise<() => Promise<void>> {
  const name = `poison_${table}`;
  await db.run(
    sql`${raw(`
      create or replace function ${name}() returns trigger language plpgsql as $$
      begin
        if coalesce(to_jsonb(new), to_jsonb(old)) ->> '${column}' = '${id}' then
          raise exception 'ada@example.com is poison' using errcode = '${code}';
        end if;
        return coalesce(new, old);
      end $$`)}`,
  );
  await db.run(
    sql`${raw(`create or replace trigger ${name} before insert or update or delete on ${table} for each row execute function ${name}()`)}`,
  );
  return async () => void (await db.run(sql`${raw(`drop trigger if exists ${name} on ${table}`)}`));
}
