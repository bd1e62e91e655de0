import type { Tx } from '../platform/db/database.js';
import type { Controlled } from './control.js';
import type { MovedDigest } from './control-writes.js';
import { moveDigest } from './move.js';

/** paused -> sending. The caller promises that the deliveries are looked at. */
export function resumeSending(tx: Tx, id: string): Promise<Controlled<{ digest: MovedDigest }>> {
  return moveDigest(tx, id, { control: 'resume', to: 'sending' });
}
