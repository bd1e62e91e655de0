import { isRowFault } from './row-fault.js';

/** A row that throws by itself. */
export type RowFailure<Row> = { row: Row; error: unknown };

/** What the work returned for each part of the rows, and the rows that are left out. */
export type IsolatedResult<Row, Result> = { results: Result[]; failures: RowFailure<Row>[] };

/**
 * Works on rows together. Where that fails because of a row, it works on halves of them, and halves of these, until only
 * rows that throw by themselves are left: one such row costs a dozen more calls, and none costs nothing.
 * @throws what is no fault of a row; parts that were done by then stay done
 */
export async function isolateFaults<Row, Result>(
  rows: readonly Row[],
  work: (part: readonly Row[]) => Promise<Result>,
): Promise<IsolatedResult<Row, Result>> {
  try {
    return { results: [await work(rows)], failures: [] };
  } catch (error) {
    return splitRows(rows, error, work);
  }
}

/** The same for rows on which the work has just failed. */
export async function splitRows<Row, Result>(
  rows: readonly Row[],
  error: unknown,
  work: (part: readonly Row[]) => Promise<Result>,
): Promise<IsolatedResult<Row, Result>> {
  if (rows.length === 0 || !isRowFault(error)) throw error;
  if (rows.length === 1) return { results: [], failures: rows.map((row) => ({ row, error })) };
  const middle = Math.ceil(rows.length / 2);
  const first = await isolateFaults(rows.slice(0, middle), work);
  const second = await isolateFaults(rows.slice(middle), work);
  return {
    results: [...first.results, ...second.results],
    failures: [...first.failures, ...second.failures],
  };
}

/** Works on rows one by one, for work that costs no less for many together. */
export async function isolateEach<Row, Result>(
  rows: readonly Row[],
  work: (row: Row) => Promise<Result>,
): Promise<IsolatedResult<Row, Result>> {
  const isolated: IsolatedResult<Row, Result> = { results: [], failures: [] };
  for (const row of rows) {
    try {
      isolated.results.push(await work(row));
    } catch (error) {
      if (!isRowFault(error)) throw error;
      isolated.failures.push({ row, error });
    }
  }
  return isolated;
}
