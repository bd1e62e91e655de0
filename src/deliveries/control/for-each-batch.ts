import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { LockedBatch } from './writes.js';
import type { BatchKey } from '../delivery.js';

type LockBatch = (tx: Tx, digestId: string, after: number) => Promise<LockedBatch | undefined>;

/**
 * Goes through the batches of a digest by number, each in a transaction of its own: a million readers are never one
 * statement. Whoever changes deliveries by batch takes the batch's row first, so what `work` finds stays so.
 * @param lock takes the next batch
 */
export async function forEachBatch(
  { db }: Pick<Context, 'db'>,
  digestId: string,
  lock: LockBatch,
  work: (tx: Tx, batch: BatchKey & LockedBatch) => Promise<void>,
): Promise<void> {
  for (let number: number | undefined = 0; number !== undefined;) {
    const after: number = number;
    number = await db.transaction(async (tx) => {
      const batch = await lock(tx, digestId, after);
      if (batch !== undefined) await work(tx, { digestId, ...batch });
      return batch?.number;
    });
  }
}
