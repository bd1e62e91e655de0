import { createChallenge, verifySolution } from 'altcha-lib/v1';
import { z } from 'zod';
import type { Key, Keys } from './keys.js';
import { MINUTE_MS } from '../durations.js';

/**
 * A task that costs a browser a second: find the number whose SHA-256 behind the salt is `challenge` (ALTCHA, version 1). It
 * is for one publication, and expires after ten minutes. It keeps out programs that only send forms, as most do. A program
 * written for it needs milliseconds; against those there are limits.
 */
export type Challenge = {
  algorithm: 'SHA-256';
  challenge: string;
  salt: string;
  /** The number is at most this. */
  maxnumber: number;
  signature: string;
};

/** A challenge that was solved; `challenge` identifies it, so that it can be used only once. */
export type SolvedChallenge = { challenge: string; expiresAt: Date };

export type ProofOfWork = {
  createChallenge(publicationId: string, now: Date): Promise<Challenge>;
  /**
   * Undefined when it is not solved, not signed by us, for another publication, or expired. Whether it was used before is
   * not checked here.
   */
  verify(publicationId: string, payload: string, now: Date): Promise<SolvedChallenge | undefined>;
};

const CHALLENGE_TTL_MS = 10 * MINUTE_MS;

/** On average half of them are tried: that takes about 1 s on a phone, 0.2 s on a desktop computer. */
export const MAX_TRIES = 30_000;

const payloadSchema = z.object({
  algorithm: z.literal('SHA-256'),
  challenge: z.string().regex(/^[0-9a-f]{64}$/),
  number: z.int().min(0).max(MAX_TRIES),
  salt: z.string().max(200),
  signature: z.string().regex(/^[0-9a-f]{64}$/),
});

export function createProofOfWork(keys: Keys): ProofOfWork {
  const [signing] = keys;
  const trusted = keys.filter(({ unsubscribeOnly }) => !unsubscribeOnly);
  return {
    async createChallenge(publicationId, now) {
      const challenge = await createChallenge({
        algorithm: 'SHA-256',
        hmacKey: deriveHmacKey(signing),
        maxnumber: MAX_TRIES,
        expires: new Date(now.getTime() + CHALLENGE_TTL_MS),
        params: { for: publicationId },
      });
      return { ...challenge, algorithm: 'SHA-256', maxnumber: MAX_TRIES };
    },
    async verify(publicationId, payload, now) {
      const parsed = payloadSchema.safeParse(decodePayload(payload));
      if (!parsed.success) return undefined;
      const params = new URLSearchParams(parsed.data.salt.split('?')[1]);
      const expiresAt = new Date(Number(params.get('expires')) * 1000);
      if (params.get('for') !== publicationId || !(expiresAt > now)) return undefined;
      // `false`: do not check the expiry, which the library compares with the system clock; `now` was checked above.
      const checks = trusted.map((key) => verifySolution(parsed.data, deriveHmacKey(key), false));
      const solved = (await Promise.all(checks)).includes(true);
      return solved ? { challenge: parsed.data.challenge, expiresAt } : undefined;
    },
  };
}

function deriveHmacKey(key: Key): string {
  return key.derive('proof-of-work').toString('hex');
}

function decodePayload(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
