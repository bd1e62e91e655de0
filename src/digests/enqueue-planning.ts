import type { Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { Digest } from './digest.js';

/** An operator has decided about a held digest: enqueues the job that plans its readers. */
export function enqueuePlanning(
  tx: Tx,
  digest: Pick<Digest, 'id' | 'publicationId' | 'cadence'>,
  now: Date,
): Promise<void> {
  switch (digest.cadence) {
    case 'operator':
      return enqueue(tx, 'plan-digest', { digestId: digest.id }, now);
    case 'instant':
      return enqueue(tx, 'plan-instant', { publicationId: digest.publicationId }, now);
    case 'daily':
    case 'weekly':
    case 'monthly':
      return enqueue(tx, 'plan-due', {}, now);
  }
}
