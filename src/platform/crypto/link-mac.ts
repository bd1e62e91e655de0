import { timingSafeEqual } from 'node:crypto';
import { createShortHmac } from './hmac.js';
import type { Key } from './keys.js';

/** More than the claims of any link take. */
const MAX_BODY_BYTES = 45;

/** Links for these purposes only stop mail, and must work as long as the mails exist. */
const UNSUBSCRIBE_PURPOSES: ReadonlySet<string> = new Set(['unsubscribe', 'never']);

const macsByKey = new WeakMap<Key, Map<string, (body: Buffer) => string>>();

/**
 * HMAC-SHA-256 of a link's claims, with a key of its own for each purpose.
 * @returns 32 octets as a string ('binary'), of which a token has the first 16 or 17
 */
export function computeMac(key: Key, purpose: string, body: Buffer): string {
  const macs = macsByKey.get(key) ?? new Map<string, (body: Buffer) => string>();
  macsByKey.set(key, macs);
  const mac = macs.get(purpose) ?? createShortHmac(key.derive(purpose), MAX_BODY_BYTES);
  macs.set(purpose, mac);
  return mac(body);
}

/** Whether these octets begin the MAC of the claims; compared in constant time. */
export function hasMac(key: Key, purpose: string, body: Buffer, mac: Buffer): boolean {
  return timingSafeEqual(Buffer.from(computeMac(key, purpose, body), 'binary').subarray(0, mac.length), mac);
}

/** Whether links of a purpose are taken from a key: of one that others may have seen, only those that stop mail. */
export function mayVerify({ unsubscribeOnly }: Key, purpose: string): boolean {
  return !unsubscribeOnly || UNSUBSCRIBE_PURPOSES.has(purpose);
}
