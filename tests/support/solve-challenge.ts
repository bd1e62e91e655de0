import { createHash } from 'node:crypto';
import type { Challenge } from '../../src/platform/crypto/proof-of-work.js';

/** Does what a reader's browser does: tries numbers until the digest fits, and encodes the one that does. */
export function solveChallenge({ maxnumber, ...asked }: Challenge): string {
  for (let number = 0; number <= maxnumber; number += 1) {
    const digest = createHash('sha256').update(`${asked.salt}${number}`).digest('hex');
    if (digest === asked.challenge) return encodePayload({ ...asked, number });
  }
  throw new Error('No number fits');
}

export function encodePayload(payload: unknown): string {
  return Buffer.from(JSON.stringify(payload)).toString('base64');
}
