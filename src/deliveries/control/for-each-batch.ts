import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { LockedBatch } from './writes.js';
import type { BatchKey } from '../delivery.js';

export type ControlContext = Pick<Context, 'db' | 'now'>;

type LockBatch = (tx: Tx, digestId: string, after: number) => Promise<LockedBatch | undefined>;

/**
 * Runs `work` for the batches of a digest by number, each in a transaction of its own: no statement is about a million
 * readers. Workers lock a batch's row before they change its deliveries, so what `work` finds stays so.
 * @param lock finds and locks the next batch
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
