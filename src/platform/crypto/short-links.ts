import type { Key, Keys } from './keys.js';
import { computeMac, hasMac, mayVerify } from './link-mac.js';

/** The content of a short link. None of it is secret; the MAC proves that we made the link. */
export type ShortLinkClaims = {
  /** The number of a publication, for the colours of an error page. */
  scope: number;
  /** The number of what the link acts on; for each purpose of one table. */
  subject: number;
  /** The generation of a subscription's links; a token has its lowest octet. */
  generation?: number;
  /** Absent: the link does not expire. */
  expiresAt?: Date;
};

export type ShortLinkVerification =
  | { kind: 'valid' | 'expired'; subject: number; generation: number; expiresAt: Date | undefined }
  | { kind: 'invalid' };

/**
 * With the longest word of our paths, `/unsubscribe/`, and a host of 20 characters a link has 75 octets at most: one line of
 * quoted-printable (RFC 2045 section 6.7). So a token has no id of its key (there are few to try), and numbers for ids:
 * scope 2 octets, subject 5, generation 1, expiry in seconds 4 or none, and 128 bits of MAC; without expiry 136, so that
 * the last character is never a dash or an underscore, which some mail programs leave out of a link at its end.
 */
const EXPIRY_AT = 8;
const LASTING = { bodyBytes: EXPIRY_AT, macBytes: 17 };
const EXPIRING = { bodyBytes: EXPIRY_AT + 4, macBytes: 16 };

/** Set in the first octet: no long token begins like this. */
const SHORT_MARK = 0x80;
const MAX_SCOPE = 0x7fff;

/** One buffer for all tokens: allocating one takes as long as filling it. */
const buffer = Buffer.alloc(EXPIRING.bodyBytes + EXPIRING.macBytes);

/** A URL-safe token for one purpose, never stored. */
export function signShortLink(key: Key, purpose: string, claims: ShortLinkClaims): string {
  const { scope, subject, generation = 0, expiresAt } = claims;
  const { bodyBytes, macBytes } = expiresAt === undefined ? LASTING : EXPIRING;
  buffer.writeUInt16BE((SHORT_MARK << 8) | (scope & MAX_SCOPE), 0);
  buffer.writeUIntBE(subject, 2, 5);
  buffer.writeUInt8(generation & 0xff, 7);
  if (expiresAt !== undefined) buffer.writeUInt32BE(Math.floor(expiresAt.getTime() / 1000), EXPIRY_AT);
  const mac = computeMac(key, purposeOf(purpose), buffer.subarray(0, bodyBytes));
  buffer.write(mac, bodyBytes, macBytes, 'binary');
  return buffer.toString('base64url', 0, bodyBytes + macBytes);
}

/** Checks the MAC, with each key, before anything in the token is used. */
export function verifyShortLink(
  keys: Keys,
  purpose: string,
  token: string,
  now: Date,
): ShortLinkVerification {
  const bytes = Buffer.from(token.slice(0, 2 * buffer.length), 'base64url');
  const form = [LASTING, EXPIRING].find(({ bodyBytes, macBytes }) => bytes.length === bodyBytes + macBytes);
  if (form === undefined || bytes.toString('base64url') !== token) return { kind: 'invalid' };
  const body = bytes.subarray(0, form.bodyBytes);
  const mac = bytes.subarray(form.bodyBytes);
  const isOurs = keys.some((key) => mayVerify(key, purpose) && hasMac(key, purposeOf(purpose), body, mac));
  if (!isOurs) return { kind: 'invalid' };
  const expiresAt = form === EXPIRING ? new Date(body.readUInt32BE(EXPIRY_AT) * 1000) : undefined;
  return {
    kind: expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid',
    subject: body.readUIntBE(2, 5),
    generation: body.readUInt8(7),
    expiresAt,
  };
}

/** The scope of a token, unverified, also of one that was cut off. Undefined: it is no short one. */
export function readShortScope(bytes: Buffer): number | undefined {
  const [first = 0] = bytes;
  return bytes.length >= 2 && (first & SHORT_MARK) !== 0 ? bytes.readUInt16BE(0) & MAX_SCOPE : undefined;
}

function purposeOf(purpose: string): string {
  return `short-link:${purpose}`;
}
