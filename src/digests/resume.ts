import type { Tx } from '../platform/db/database.js';
import type { DigestActionResult } from './actions.js';
import type { ChangedDigest } from './transition-writes.js';
import { changeDigestState } from './transition.js';

/** paused -> sending. The caller promises that the deliveries are looked at. */
export function resumeSending(tx: Tx, id: string): Promise<DigestActionResult<{ digest: ChangedDigest }>> {
  return changeDigestState(tx, id, { control: 'resume', to: 'sending' });
}
