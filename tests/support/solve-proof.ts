import { createHash } from 'node:crypto';
import type { Challenge } from '../../src/platform/proof-of-work.js';

/** What a reader's browser does: tries numbers until the digest fits, and packs the one that does. */
export function solveProof({ maxnumber, ...asked }: Challenge): string {
  for (let number = 0; number <= maxnumber; number += 1) {
    const digest = createHash('sha256').update(`${asked.salt}${number}`).digest('hex');
    if (digest === asked.challenge) return pack({ ...asked, number });
  }
  throw new Error('No number fits');
}

export function pack(payload: unknown): string {
  return Buffer.from(JSON.stringify(payload)).toString('base64');
}
