import type { Tx } from './database.js';
import { sql } from './sql.js';

/**
 * Runs a statement that joins rows of a batch with as many values. Where the statistics say that there are none (of a digest that
 * is new, or in a state that none was in when they were made) Postgres compares each row with each value: half a second for
 * a thousand. So it may not join by loops here.
 */
export async function withHashJoins<Result>(tx: Tx, statement: () => Promise<Result>): Promise<Result> {
  await tx.run(sql`set local enable_nestloop = off`);
  const result = await statement();
  await tx.run(sql`set local enable_nestloop = default`);
  return result;
}
