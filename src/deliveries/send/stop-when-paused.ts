import type { Digest } from '../../digests/digest.js';

/**
 * Whether a worker must send no more of a digest: an operator, or a mail server that refuses us, has paused it, or it was
 * cancelled. Asked before each chunk is claimed, and while a chunk lasts before each message, at most once a second. What
 * a connection has begun by then is finished.
 */
export function isStopped(digest: Pick<Digest, 'state'> | undefined): boolean {
  return digest?.state !== 'sending';
}
