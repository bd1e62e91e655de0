import type { Context } from '../context.js';
import { faultCode, isRowFault } from '../process/row-fault.js';
import {
  deleteFailedRows,
  insertFailedRow,
  listFailedBy,
  type FailedOperation,
  type FailedRow,
  type NewFailedRow,
} from './failed-rows.js';

/** One run over many rows, in which a row that throws does not stop the others. */
export type IsolatedRun = {
  /** Ids of rows that failed before and are not to be tried yet. */
  waiting: ReadonlySet<string>;
  /** Records that a row failed, and logs its id and nothing else of it. */
  fail(row: Omit<NewFailedRow, 'code'>, error: unknown): Promise<FailedRow>;
  /** Those of these rows that failed before did not: for runs over rows that somebody else has chosen. */
  succeed(rowIds: readonly string[]): Promise<void>;
  /** The run has reached all of its rows: those that failed before and not in this run are well, or gone. */
  finish(): Promise<void>;
};

/**
 * @param options.publicationId of a run over rows of one publication
 * @param options.tryAll also rows that failed a moment ago: the run is not one that soon comes again
 */
export async function beginIsolatedRun(
  { db, log, now }: Pick<Context, 'db' | 'log' | 'now'>,
  operation: FailedOperation,
  { publicationId, tryAll = false }: { publicationId?: string; tryAll?: boolean } = {},
): Promise<IsolatedRun> {
  const begun = now();
  const known = await listFailedBy(db, operation, publicationId);
  const due = new Set(
    known.flatMap(({ rowId, retryAt }) => (tryAll || (retryAt !== null && retryAt <= begun) ? [rowId] : [])),
  );
  return {
    waiting: new Set(known.flatMap(({ rowId }) => (due.has(rowId) ? [] : [rowId]))),
    fail: (row, error) => {
      due.delete(row.rowId);
      return recordFailedRow({ db, log, now }, operation, row, error);
    },
    succeed: async (rowIds) => {
      if (due.size === 0) return;
      const mended = rowIds.filter((rowId) => due.delete(rowId));
      if (mended.length > 0) await deleteFailedRows(db, operation, mended);
    },
    finish: async () => {
      if (due.size > 0) await deleteFailedRows(db, operation, [...due]);
    },
  };
}

/**
 * Runs the work of a job that is about one row. While that throws because of the row, the row is among the failed ones; the job is
 * tried again like any other.
 * @throws what `work` throws
 */
export async function runForRow(
  context: Pick<Context, 'db' | 'log' | 'now'>,
  operation: FailedOperation,
  row: Omit<NewFailedRow, 'code'>,
  work: () => Promise<void>,
): Promise<void> {
  const run = await beginIsolatedRun(context, operation, { publicationId: row.publicationId, tryAll: true });
  try {
    await work();
  } catch (error) {
    if (isRowFault(error)) await run.fail(row, error);
    throw error;
  }
  await run.succeed([row.rowId]);
}

/** Records that a row failed. The log has its id, the kind of error and where it was thrown, and nothing of what it holds. */
export async function recordFailedRow(
  { db, log, now }: Pick<Context, 'db' | 'log' | 'now'>,
  operation: FailedOperation,
  row: Omit<NewFailedRow, 'code'>,
  error: unknown,
): Promise<FailedRow> {
  const code = faultCode(error);
  const at = error instanceof Error ? error.stack?.match(/^ +at .+$/gm)?.slice(0, 5) : undefined;
  log.error({ event: 'row.failed', operation, ...row, code, at: at?.map((frame) => frame.trim()) });
  return insertFailedRow(db, operation, { ...row, code }, now());
}
