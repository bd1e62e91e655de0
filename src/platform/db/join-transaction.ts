import type { Db, Tx } from './database.js';
import { sql } from './sql.js';

/**
 * A `Db` for operations that are to be part of an open transaction. What they do in transactions of their own is a savepoint
 * of it: rolled back alone when they fail, committed with it when it commits. One after the other, not side by side.
 */
export function joinTransaction(db: Db, tx: Tx): Db {
  return { ...db, ...tx, transaction: (work) => runInSavepoint(tx, work) };
}

async function runInSavepoint<Result>(tx: Tx, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  await tx.run(sql`savepoint operation`);
  try {
    const result = await work(tx);
    await tx.run(sql`release savepoint operation`);
    return result;
  } catch (error) {
    // Where this fails too the connection is gone, and the whole transaction with it.
    await tx.run(sql`rollback to savepoint operation`).catch(() => {});
    throw error;
  }
}
