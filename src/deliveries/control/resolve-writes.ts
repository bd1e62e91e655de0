import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { countMoved } from '../count-moved.js';
import type { BatchKey } from '../delivery.js';
import { matchesUncertain, type UncertainFilter } from './reads.js';

/** uncertain -> accepted. */
export async function markAccepted(
  tx: Tx,
  batch: BatchKey,
  filter: UncertainFilter,
  now: Date,
): Promise<number> {
  const count = await tx.run(sql`
    update deliveries
       set state = 'accepted',
           answer = 'An operator found that it had arrived.',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and ${matchesUncertain(filter)}
  `);
  await countMoved(tx, batch, [{ from: 'uncertain', to: 'accepted', count }]);
  return count;
}

/** uncertain -> queued: it may arrive twice. */
export async function requeueUncertain(
  tx: Tx,
  batch: BatchKey,
  filter: UncertainFilter,
  now: Date,
): Promise<number> {
  const count = await tx.run(sql`
    update deliveries
       set state = 'queued',
           resends = resends + 1,
           next_attempt_at = null,
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and ${matchesUncertain(filter)}
  `);
  await countMoved(tx, batch, [{ from: 'uncertain', to: 'queued', count }]);
  return count;
}
