import type { Tx } from '../../platform/db/database.js';
import { enqueue, enqueueMissing } from '../../platform/jobs/outbox.js';
import { makeBatchDue } from '../control/writes.js';
import type { BatchKey } from '../delivery.js';

/** A worker is to look at a batch, whatever was promised before. */
export function enqueueBatch(tx: Tx, { digestId, number }: BatchKey, now: Date): Promise<void> {
  return enqueue(tx, 'send-batch', { digestId, batch: number }, now);
}

/** Something in a batch may be sent at once: says so in its row, and wakes a worker. */
export async function wakeBatch(tx: Tx, { digestId, number }: BatchKey, now: Date): Promise<void> {
  await makeBatchDue(tx, { digestId, number }, now);
  await enqueueMissing(tx, 'send-batch', [{ digestId, batch: number }], now);
}
