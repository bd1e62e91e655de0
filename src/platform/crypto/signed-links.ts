import type { Key, Keys } from './keys.js';
import { computeMac, hasMac, mayVerify } from './link-mac.js';
import {
  readShortScope,
  signShortLink,
  verifyShortLink,
  type ShortLinkClaims,
  type ShortLinkVerification,
} from './short-links.js';
import {
  signReturnPath,
  verifyReturnPath,
  type ReturnPathClaims,
  type ReturnPathVerification,
} from './return-path.js';

/** The content of a signed link. None of it is secret; the MAC proves that we made the link. */
export type LinkClaims = {
  /** The uuid of a publication or digest: what the subject belongs to. */
  scope: string;
  /** The uuid of what the link acts on. */
  subject: string;
  /**
   * 32 unsigned bits with a meaning for each purpose: the generation of a subscription's links, how often a mail was sent
   * again, or milliseconds. Absent: 0.
   */
  number?: number;
  /** Absent: the link does not expire. */
  expiresAt?: Date;
};

export type LinkVerification =
  | {
      kind: 'valid' | 'expired';
      scope: string;
      subject: string;
      number: number;
      expiresAt: Date | undefined;
    }
  | { kind: 'invalid' };

export type Links = {
  /** The id of the key that signs now. */
  keyId: string;
  /**
   * A URL-safe token for one purpose, never stored.
   * @param keyId sign with this key if there still is one with this id, so that a digest's links stay the same after a rotation
   */
  sign(purpose: string, claims: LinkClaims, keyId?: string): string;
  /** Checks the MAC before anything in the token is used, and returns what the token names. */
  verify(purpose: string, token: string, now: Date): LinkVerification;
  /** A token for a link in a mail, short enough for one line (short-links.ts). */
  signShort(purpose: string, claims: ShortLinkClaims, keyId?: string): string;
  verifyShort(purpose: string, token: string, now: Date): ShortLinkVerification;
  /** The local part of the address to which a mail is returned (return-path.ts). */
  signReturnPath(claims: ReturnPathClaims, sentAt: Date): string;
  verifyReturnPath(localPart: string, now: Date): ReturnPathVerification;
  /**
   * The scope in a token, also in one that was cut off behind it. It is not verified: use it only for the colours and language
   * of an error page.
   */
  readUnverifiedScope(token: string): string | undefined;
  /** The same of a short token. */
  readUnverifiedNumber(token: string): number | undefined;
};

const VERSION = 1;
/** Bytes: version 1, key id 4, scope 16, subject 16, number 4, expiry in seconds 4. */
const BODY_BYTES = 45;
/** Version, key id and scope. */
const SCOPE_END_BYTES = 21;
const MAC_BYTES = 16;
const TOKEN_LENGTH = Math.ceil(((BODY_BYTES + MAC_BYTES) * 4) / 3);

export function createLinks(keys: Keys): Links {
  /** One buffer for all tokens: allocating one takes as long as filling it. */
  const token = Buffer.alloc(BODY_BYTES + MAC_BYTES);
  const body = token.subarray(0, BODY_BYTES);
  return {
    keyId: keys[0].id,
    sign(purpose, claims, keyId) {
      const key = signingKey(keys, keyId);
      encodeClaims(body, key, claims);
      token.write(computeMac(key, purposeOf(purpose), body), BODY_BYTES, MAC_BYTES, 'binary');
      return token.toString('base64url');
    },
    verify(purpose, token, now) {
      const bytes = token.length === TOKEN_LENGTH ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
      if (bytes.length !== BODY_BYTES + MAC_BYTES || bytes.toString('base64url') !== token)
        return { kind: 'invalid' };
      const body = bytes.subarray(0, BODY_BYTES);
      const key = keys.find((one) => one.id === body.toString('hex', 1, 5));
      if (key === undefined || body[0] !== VERSION || !mayVerify(key, purpose)) return { kind: 'invalid' };
      if (!hasMac(key, purposeOf(purpose), body, bytes.subarray(BODY_BYTES))) return { kind: 'invalid' };
      return decodeClaims(body, now);
    },
    signShort: (purpose, claims, keyId) => signShortLink(signingKey(keys, keyId), purpose, claims),
    verifyShort: (purpose, token, now) => verifyShortLink(keys, purpose, token, now),
    signReturnPath: (claims, sentAt) => signReturnPath(keys[0], claims, sentAt),
    verifyReturnPath: (localPart, now) => verifyReturnPath(keys, localPart, now),
    readUnverifiedScope(token) {
      const bytes = Buffer.from(token.slice(0, TOKEN_LENGTH), 'base64url');
      return bytes.length >= SCOPE_END_BYTES && bytes[0] === VERSION ? readUuid(bytes, 5) : undefined;
    },
    readUnverifiedNumber: (token) => readShortScope(Buffer.from(token.slice(0, 4), 'base64url')),
  };
}

function signingKey(keys: Keys, keyId: string | undefined): Key {
  return keys.find((one) => one.id === keyId && !one.unsubscribeOnly) ?? keys[0];
}

function purposeOf(purpose: string): string {
  return `link:${purpose}`;
}

/** Writes the claims into `body`. */
function encodeClaims(body: Buffer, key: Key, claims: LinkClaims): void {
  body.writeUInt8(VERSION, 0);
  body.write(key.id, 1, 'hex');
  writeUuid(body, claims.scope, 5);
  writeUuid(body, claims.subject, 21);
  body.writeUInt32BE(claims.number ?? 0, 37);
  body.writeUInt32BE(claims.expiresAt === undefined ? 0 : Math.floor(claims.expiresAt.getTime() / 1000), 41);
}

/** Digit by digit, in a sixth of the time of `replaceAll('-', '')` and `write`; each mail has four of these. */
function writeUuid(body: Buffer, uuid: string, at: number): void {
  let to = at;
  for (let digit = 0; digit < uuid.length; digit += 2) {
    if (uuid.charCodeAt(digit) === DASH) digit += 1;
    body[to] = (hexDigitValue(uuid.charCodeAt(digit)) << 4) | hexDigitValue(uuid.charCodeAt(digit + 1));
    to += 1;
  }
}

const DASH = 0x2d;

/** @param digit the ASCII code of a hexadecimal digit, in upper or lower case */
function hexDigitValue(digit: number): number {
  return digit <= 0x39 ? digit - 0x30 : (digit | 0x20) - 0x57;
}

function decodeClaims(body: Buffer, now: Date): LinkVerification {
  const seconds = body.readUInt32BE(41);
  const expiresAt = seconds === 0 ? undefined : new Date(seconds * 1000);
  return {
    kind: expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid',
    scope: readUuid(body, 5),
    subject: readUuid(body, 21),
    number: body.readUInt32BE(37),
    expiresAt,
  };
}

function readUuid(body: Buffer, at: number): string {
  const hex = body.toString('hex', at, at + 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
