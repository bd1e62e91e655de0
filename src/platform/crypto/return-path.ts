import type { Key, Keys } from './keys.js';
import { computeMac, hasMac, mayVerify } from './link-mac.js';
import { decodeBase32, encodeBase32 } from './base32.js';
import { DAY_MS, HOUR_MS } from '../durations.js';

/** Which mail a return path is of: an attempt of a digest's delivery, by its numbers, or a single mail. */
export type ReturnPathClaims =
  | {
      kind: 'delivery';
      /** The number of the batch, by which the digest is known: it is of no other digest. */
      batch: number;
      /** The subscription's number, as in links. */
      subscription: number;
      attempt: number;
    }
  | { kind: 'notice'; noticeId: string };

export type ReturnPathVerification =
  | { kind: 'valid' | 'expired'; sentAt: Date; claims: ReturnPathClaims }
  | { kind: 'invalid' };

/** Servers give up after four to five days (RFC 5321 section 4.5.4.1), and forwarded headers show return paths to others. */
export const RETURN_PATH_LIFETIME_MS = 7 * DAY_MS;

/**
 * The local part of a mail's return path (VERP): kind, the hour it was sent in, what it is of, and 80 bits of MAC, in base32,
 * since servers fold local parts to lower or upper case. 40 characters for a delivery and 48 for a notice, of the 64 that
 * RFC 5321 section 4.5.3.1.1 allows. Octets: kind 1, hour 3; then batch 4, subscription 5 and attempt 2, or a uuid.
 */
const FORMS = {
  delivery: { mark: 1, bodyBytes: 15 },
  notice: { mark: 2, bodyBytes: 20 },
} as const;
const MAC_BYTES = 10;
const PURPOSE = 'return-path';
const MAX_ATTEMPT = 0xffff;

/** One buffer for all: allocating one takes as long as filling it. */
const buffer = Buffer.alloc(FORMS.notice.bodyBytes + MAC_BYTES);

/** In lower case. */
export function signReturnPath(key: Key, claims: ReturnPathClaims, sentAt: Date): string {
  const { mark, bodyBytes } = FORMS[claims.kind];
  buffer.writeUInt8(mark, 0);
  buffer.writeUIntBE(Math.floor(sentAt.getTime() / HOUR_MS), 1, 3);
  if (claims.kind === 'delivery') {
    buffer.writeUInt32BE(claims.batch, 4);
    buffer.writeUIntBE(claims.subscription, 8, 5);
    buffer.writeUInt16BE(Math.min(claims.attempt, MAX_ATTEMPT), 13);
  } else {
    buffer.write(claims.noticeId.replaceAll('-', ''), 4, 'hex');
  }
  buffer.write(computeMac(key, PURPOSE, buffer.subarray(0, bodyBytes)), bodyBytes, MAC_BYTES, 'binary');
  return encodeBase32(buffer.subarray(0, bodyBytes + MAC_BYTES));
}

/** Checks the MAC, with each key, before anything in the local part is used. Upper and lower case are the same. */
export function verifyReturnPath(keys: Keys, localPart: string, now: Date): ReturnPathVerification {
  const bytes = localPart.length > 64 ? undefined : decodeBase32(localPart.toLowerCase());
  const kind = bytes?.[0] === FORMS.delivery.mark ? 'delivery' : 'notice';
  const { mark, bodyBytes } = FORMS[kind];
  if (bytes?.length !== bodyBytes + MAC_BYTES || bytes[0] !== mark) return { kind: 'invalid' };
  const body = bytes.subarray(0, bodyBytes);
  const mac = bytes.subarray(bodyBytes);
  if (!keys.some((key) => mayVerify(key, PURPOSE) && hasMac(key, PURPOSE, body, mac)))
    return { kind: 'invalid' };
  const sentAt = new Date(body.readUIntBE(1, 3) * HOUR_MS);
  const isOver = sentAt.getTime() + HOUR_MS + RETURN_PATH_LIFETIME_MS <= now.getTime();
  return { kind: isOver ? 'expired' : 'valid', sentAt, claims: decodeClaims(kind, body) };
}

function decodeClaims(kind: ReturnPathClaims['kind'], body: Buffer): ReturnPathClaims {
  if (kind === 'notice') return { kind, noticeId: readUuid(body, 4) };
  return {
    kind,
    batch: body.readUInt32BE(4),
    subscription: body.readUIntBE(8, 5),
    attempt: body.readUInt16BE(13),
  };
}

function readUuid(body: Buffer, at: number): string {
  const hex = body.toString('hex', at, at + 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
