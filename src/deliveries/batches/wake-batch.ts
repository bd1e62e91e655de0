import type { Tx } from '../../platform/db/database.js';
import { enqueue, enqueueMissing } from '../../platform/jobs/outbox.js';
import type { BatchKey } from '../delivery.js';
import { makeBatchDue } from './writes.js';

/** Enqueues a job that wakes a worker for a batch, also where there is one already. */
export function enqueueBatch(tx: Tx, { digestId, number }: BatchKey, now: Date): Promise<void> {
  return enqueue(tx, 'send-batch', { digestId, batch: number }, now);
}

/** Something in a batch may be sent at once: makes it due, and enqueues a job that wakes a worker if there is none yet. */
export async function wakeBatch(tx: Tx, { digestId, number }: BatchKey, now: Date): Promise<void> {
  await makeBatchDue(tx, { digestId, number }, now);
  await enqueueMissing(tx, 'send-batch', [{ digestId, batch: number }], now);
}
