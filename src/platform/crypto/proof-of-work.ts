import { createChallenge, verifySolution } from 'altcha-lib/v1';
import { z } from 'zod';
import type { Key, Keys } from './keys.js';
import { MINUTE_MS } from '../durations.js';

/**
 * A task that costs a browser a second: find the number whose SHA-256 behind the salt is the challenge (ALTCHA, version 1).
 * It names one publication, and lives for ten minutes. A program written for it needs milliseconds: it keeps out programs
 * that send forms and nothing more, which most are; the limits are for the others.
 */
export type Challenge = {
  algorithm: 'SHA-256';
  challenge: string;
  salt: string;
  /** The number is not above it. */
  maxnumber: number;
  signature: string;
};

/** A challenge that was solved; by `challenge` a second use of it is recognised. */
export type SolvedChallenge = { challenge: string; expiresAt: Date };

export type ProofOfWork = {
  createChallenge(publicationId: string, now: Date): Promise<Challenge>;
  /** Undefined when it is not solved, not ours, of another publication, or expired. Does not check whether it was used before. */
  verify(publicationId: string, payload: string, now: Date): Promise<SolvedChallenge | undefined>;
};

const CHALLENGE_TTL_MS = 10 * MINUTE_MS;

/** On average half of them are tried: about a second on a telephone, a fifth of one on a desk. */
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
      // `false`: the library would compare the expiry with the system clock; it was compared with `now` above.
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
