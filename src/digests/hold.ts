import type { Tx } from '../platform/db/database.js';
import { moveState } from './control-writes.js';

/** approved -> held, before anybody was planned. */
export async function holdOrdered(tx: Tx, id: string, reason: string): Promise<void> {
  await moveState(tx, id, { from: ['approved'], to: 'held', reason });
}
