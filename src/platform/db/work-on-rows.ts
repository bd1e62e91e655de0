import { splitRows, type IsolatedResult } from '../process/isolate-faults.js';
import { OtherFault } from '../process/row-fault.js';
import type { Db, Tx } from './database.js';

type RowWork<Row, Result> = {
  /** Reads and locks the rows; called again for each part of them when the whole has failed. */
  lock(tx: Tx): Promise<readonly Row[]>;
  /** Not called without rows. What it did is undone when it throws. */
  work(tx: Tx, rows: readonly Row[]): Promise<Result>;
};

/**
 * Works on rows in one transaction. Where that fails because of a row, `isolateFaults` finds it, and each part of the others
 * has a transaction of its own.
 * @returns also all rows that were found
 * @throws what is no fault of a row: among others whatever `work` has not thrown, such as a failure to lock or to commit
 */
export async function workOnRows<Row extends { id: string }, Result>(
  db: Db,
  task: RowWork<Row, Result>,
): Promise<IsolatedResult<Row, Result> & { rows: readonly Row[] }> {
  let rows: readonly Row[] = [];
  try {
    const results = await attempt(db, task, (found) => (rows = found));
    return { rows, results, failures: [] };
  } catch (error) {
    const { results, failures } = await splitRows(rows, error, (part) => {
      const ids = new Set(part.map(({ id }) => id));
      return attempt(db, task, (found) => found.filter(({ id }) => ids.has(id)));
    }).catch(throwCause);
    return { rows, results: results.flat(), failures };
  }
}

async function attempt<Row, Result>(
  db: Db,
  { lock, work }: RowWork<Row, Result>,
  choose: (found: readonly Row[]) => readonly Row[],
): Promise<Result[]> {
  let thrown: { error: unknown } | undefined;
  try {
    return await db.transaction(async (tx) => {
      const rows = choose(await lock(tx));
      if (rows.length === 0) return [];
      try {
        return [await work(tx, rows)];
      } catch (error) {
        thrown = { error };
        throw error;
      }
    });
  } catch (error) {
    throw thrown?.error === error ? error : new OtherFault(error);
  }
}

function throwCause(error: unknown): never {
  throw error instanceof OtherFault ? error.cause : error;
}
