import { deliverySources } from '../../src/deliveries/reads.js';
import { correctCounts } from '../../src/platform/counts/differences.js';
import type { Db } from '../../src/platform/db/database.js';

/** After a test has written deliveries, or their states, by SQL of its own: the numbers that pages show say so too. */
export async function recountDeliveries(db: Pick<Db, 'transaction'>): Promise<void> {
  for (const source of deliverySources()) await db.transaction((tx) => correctCounts(tx, source));
}
