import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { isRowFault } from '../../platform/process/row-fault.js';
import type { JobName } from '../../platform/jobs/definitions.js';
import { deleteFailedRows } from '../../platform/jobs/failed-rows.js';
import { recordFailedRow } from '../../platform/jobs/isolated-run.js';
import type { LockedBatch } from './writes.js';
import type { BatchKey } from '../delivery.js';

export type ControlContext = Pick<Context, 'db' | 'now' | 'actor'>;

type LockBatch = (tx: Tx, digestId: string, after: number) => Promise<LockedBatch | undefined>;

/**
 * Runs `work` for the batches of a digest by number, each in a transaction of its own: no statement is about a million
 * readers. Workers lock a batch's row before they change its deliveries, so what `work` finds stays so. A batch that fails
 * does not keep the others waiting.
 * @param lock finds and locks the next batch
 * @throws the first failure of a batch, when all have been tried: the job is run again
 */
export async function forEachBatch(
  context: Pick<Context, 'db' | 'log' | 'now'>,
  { operation, digestId }: { operation: JobName; digestId: string },
  lock: LockBatch,
  work: (tx: Tx, batch: BatchKey & LockedBatch) => Promise<void>,
): Promise<void> {
  const { db } = context;
  const failures: unknown[] = [];
  for (let number: number | undefined = 0; number !== undefined;) {
    const after: number = number;
    let found: LockedBatch | undefined;
    try {
      await db.transaction(async (tx) => {
        found = await lock(tx, digestId, after);
        if (found !== undefined) await work(tx, { digestId, ...found });
      });
    } catch (error) {
      if (found === undefined || !isRowFault(error)) throw error;
      failures.push(error);
    }
    number = found?.number;
  }
  if (failures.length === 0) return void (await deleteFailedRows(db, operation, [digestId]));
  const publicationId = (await findDigest(db, digestId))?.publicationId;
  if (publicationId !== undefined)
    await recordFailedRow(
      context,
      operation,
      { kind: 'digest', rowId: digestId, publicationId },
      failures[0],
    );
  throw failures[0];
}
