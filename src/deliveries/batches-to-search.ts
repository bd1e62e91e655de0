import type { Db, Tx } from '../platform/db/database.js';
import { CHUNK_SIZE } from './chunks.js';
import type { DeliveryState } from './delivery.js';
import { countDeliveries, listBatchesWith } from './reads.js';

/**
 * Where to look for a page of a digest's deliveries in a state: three among a million are in three batches. Undefined: there are so
 * many that whoever goes through all, the newest subscriptions first, has a page of them sooner.
 */
export async function listBatchesToSearch(
  db: Db | Tx,
  { digestId, state, limit }: { digestId: string; state: DeliveryState; limit: number },
): Promise<number[] | undefined> {
  const counts = await countDeliveries(db, digestId);
  if (counts[state] === 0) return [];
  const batches = await listBatchesWith(db, digestId, state);
  const rowsInBatches = batches.length * CHUNK_SIZE;
  const rowsUntilPageIsFull = (counts.planned * Math.min(limit, counts[state])) / counts[state];
  return rowsInBatches < rowsUntilPageIsFull ? batches : undefined;
}
