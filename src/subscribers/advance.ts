import type { Tx } from '../platform/db/database.js';
import { advanceReaders } from './writes.js';

/**
 * Moves readers on after planning: the newest article number planned for each, and when she is due next.
 * The caller holds their rows.
 */
export async function advance(
  tx: Tx,
  readers: readonly { id: string; watermark: number; nextDueAt: Date | null }[],
): Promise<void> {
  if (readers.length > 0) await advanceReaders(tx, readers);
}
