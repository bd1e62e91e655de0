import type { Db } from './database.js';
import { sql } from './sql.js';

/** Whether Postgres answers. */
export async function isDatabaseReachable(db: Db): Promise<boolean> {
  try {
    await db.run(sql`select 1`);
    return true;
  } catch {
    return false;
  }
}
