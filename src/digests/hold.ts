import type { Tx } from '../platform/db/database.js';
import { updateState } from './transition-writes.js';

/** approved -> held, before anybody was planned. */
export async function holdDigest(tx: Tx, id: string, reason: string): Promise<void> {
  await updateState(tx, id, { from: ['approved'], to: 'held', reason });
}
