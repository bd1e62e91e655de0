import type { Tx } from '../../platform/db/database.js';
import { insertBounces } from './writes.js';

/**
 * Suppresses addresses that are bad for good, for all publications. The caller has made sure that their domain is not in a
 * storm of bounces.
 * @returns how many were not suppressed before
 */
export function suppressBounced(tx: Tx, addressHashes: readonly Buffer[], now: Date): Promise<number> {
  return addressHashes.length === 0 ? Promise.resolve(0) : insertBounces(tx, addressHashes, now);
}
