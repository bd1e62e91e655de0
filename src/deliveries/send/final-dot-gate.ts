import type { BatchJournal } from '../batches/journal.js';
import type { Lease } from '../batches/lease.js';
import type { AttemptKey } from '../delivery.js';

/**
 * Asked when a message is written but for its final dot (RFC 5321 section 4.1.1.4), after which the server may have it.
 * False holds the dot back, and the server drops the message. True needs a lease that is still ours, and a journal that has
 * the intent on disk and that nobody has sealed: whoever takes over after this knows that the mail may have arrived.
 */
export function mayFinalDotGo(lease: Lease, journal: BatchJournal, attempt: AttemptKey): boolean {
  return lease.isLive() && journal.recordIntent(attempt);
}
