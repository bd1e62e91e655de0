import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Key, Keys } from '../../platform/crypto/keys.js';
import { MINUTE_MS, SECOND_MS } from '../../platform/durations.js';

/** What a passkey is asked for: a challenge of one purpose is no answer to another. */
export type ChallengePurpose =
  | { kind: 'sign-in' }
  /** To show once more that it is she, in this session. */
  | { kind: 'confirm'; sessionId: string }
  /** To add a passkey to an account, or to the one that an invitation or a link leads to. */
  | { kind: 'add'; operatorId: string };

const LIFETIME_MS = 5 * MINUTE_MS;
/** Octets: 16 random ones, expiry in seconds 4, MAC 16. */
const [RANDOM_BYTES, BODY_BYTES, MAC_BYTES] = [16, 20, 16];

/**
 * A challenge (Web Authentication, Level 3, section 13.4.3) that need not be stored: its MAC shows that we made it, for what,
 * and until when. So whoever asks for one fills no table.
 */
export function createChallenge([key]: Keys, purpose: ChallengePurpose, now: Date): Uint8Array<ArrayBuffer> {
  const body = Buffer.alloc(BODY_BYTES);
  randomBytes(RANDOM_BYTES).copy(body);
  body.writeUInt32BE(Math.floor((now.getTime() + LIFETIME_MS) / SECOND_MS), RANDOM_BYTES);
  return new Uint8Array(Buffer.concat([body, computeMac(key, purpose, body)]));
}

/**
 * When a challenge of ours expires; undefined for one that has, that is not ours, or is for another purpose. Whether it was
 * answered before is not checked here.
 * @param challenge in base64url
 */
export function readChallenge(
  keys: Keys,
  purpose: ChallengePurpose,
  challenge: string,
  now: Date,
): Date | undefined {
  const octets = Buffer.from(challenge, 'base64url');
  if (octets.length !== BODY_BYTES + MAC_BYTES) return undefined;
  const [body, mac] = [octets.subarray(0, BODY_BYTES), octets.subarray(BODY_BYTES)];
  const trusted = keys.filter(({ unsubscribeOnly }) => !unsubscribeOnly);
  if (!trusted.some((key) => timingSafeEqual(computeMac(key, purpose, body), mac))) return undefined;
  const expiresAt = new Date(body.readUInt32BE(RANDOM_BYTES) * SECOND_MS);
  return expiresAt > now ? expiresAt : undefined;
}

function computeMac(key: Key, purpose: ChallengePurpose, body: Buffer): Buffer {
  return createHmac('sha256', key.derive('passkey-challenge'))
    .update(JSON.stringify(purpose))
    .update(body)
    .digest()
    .subarray(0, MAC_BYTES);
}
