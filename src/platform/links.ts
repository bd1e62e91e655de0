import { timingSafeEqual } from 'node:crypto';
import { createShortHmac } from './hmac.js';
import type { Key, Keys } from './keys.js';

/** What a signed link names. Nothing of it is secret; that nobody else can make it is what counts. */
export type Claims = {
  /** The uuid of a publication or digest: what the subject belongs to. */
  scope: string;
  /** The uuid of what the link acts on. */
  subject: string;
  /** The subject's generation when the link was made; raising it there revokes the link. */
  generation?: number;
  /** Absent: never. */
  expiresAt?: Date;
};

export type Opened =
  | {
      kind: 'valid' | 'expired';
      scope: string;
      subject: string;
      generation: number;
      expiresAt: Date | undefined;
    }
  | { kind: 'invalid' };

export type Links = {
  /** Names the key that signs now. */
  keyId: string;
  /**
   * A URL-safe token for one purpose, never stored.
   * @param keyId sign with this key when it is still here (a digest keeps its key through a rotation)
   */
  seal(purpose: string, claims: Claims, keyId?: string): string;
  /** Checks the MAC before anything else (S32) and answers what the token names. */
  open(purpose: string, token: string, now: Date): Opened;
  /**
   * The scope that a token says it has, even one that was cut off behind it. Nothing is proved by it: it is good for the
   * colours of the page that says so.
   */
  scopeIn(token: string): string | undefined;
};

/** Purposes that only ever stop mail: they live as long as the mails they are in. */
const WAYS_OUT: ReadonlySet<string> = new Set(['unsubscribe', 'never']);

const VERSION = 1;
/** version 1, key id 4, scope 16, subject 16, generation 4, expiry in seconds 4 */
const BODY = 45;
/** Version, key id and scope. */
const SCOPE_END = 21;
const MAC = 16;
const TOKEN = Math.ceil(((BODY + MAC) * 4) / 3);

export function createLinks(keys: Keys): Links {
  /** Written anew for every token: making room for each would cost as much as filling it. */
  const sealed = Buffer.alloc(BODY + MAC);
  const body = sealed.subarray(0, BODY);
  return {
    keyId: keys[0].id,
    seal(purpose, claims, keyId) {
      const key = keys.find((one) => one.id === keyId && !one.unsubscribeOnly) ?? keys[0];
      encode(body, key, claims);
      sealed.write(mac(key, purpose, body), BODY, MAC, 'binary');
      return sealed.toString('base64url');
    },
    open(purpose, token, now) {
      const bytes = token.length === TOKEN ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
      if (bytes.length !== BODY + MAC || bytes.toString('base64url') !== token) return { kind: 'invalid' };
      const body = bytes.subarray(0, BODY);
      const key = keys.find((one) => one.id === body.toString('hex', 1, 5));
      if (key === undefined || body[0] !== VERSION) return { kind: 'invalid' };
      if (key.unsubscribeOnly && !WAYS_OUT.has(purpose)) return { kind: 'invalid' };
      if (!timingSafeEqual(macBytes(key, purpose, body), bytes.subarray(BODY))) return { kind: 'invalid' };
      return decode(body, now);
    },
    scopeIn(token) {
      const bytes = Buffer.from(token.slice(0, TOKEN), 'base64url');
      return bytes.length >= SCOPE_END && bytes[0] === VERSION ? uuid(bytes, 5) : undefined;
    },
  };
}

function macBytes(key: Key, purpose: string, body: Buffer): Buffer {
  return Buffer.from(mac(key, purpose, body), 'binary').subarray(0, MAC);
}

function mac(key: Key, purpose: string, body: Buffer): string {
  const known = macs.get(key) ?? new Map<string, (body: Buffer) => string>();
  macs.set(key, known);
  const made = known.get(purpose) ?? createShortHmac(key.for(`link:${purpose}`), BODY);
  known.set(purpose, made);
  return made(body);
}

const macs = new WeakMap<Key, Map<string, (body: Buffer) => string>>();

/** The body, with room for its MAC. */
function encode(body: Buffer, key: Key, claims: Claims): void {
  body.writeUInt8(VERSION, 0);
  body.write(key.id, 1, 'hex');
  writeUuid(body, claims.scope, 5);
  writeUuid(body, claims.subject, 21);
  body.writeUInt32BE(claims.generation ?? 0, 37);
  body.writeUInt32BE(claims.expiresAt === undefined ? 0 : Math.floor(claims.expiresAt.getTime() / 1000), 41);
}

/** Digit by digit: taking the dashes out and writing the rest costs six times as much, and each mail has four of these. */
function writeUuid(body: Buffer, uuid: string, at: number): void {
  let to = at;
  for (let digit = 0; digit < uuid.length; digit += 2) {
    if (uuid.charCodeAt(digit) === DASH) digit += 1;
    body[to] = (valueOf(uuid.charCodeAt(digit)) << 4) | valueOf(uuid.charCodeAt(digit + 1));
    to += 1;
  }
}

const DASH = 0x2d;

/** Of a hexadecimal digit, of either case. */
function valueOf(digit: number): number {
  return digit <= 0x39 ? digit - 0x30 : (digit | 0x20) - 0x57;
}

function decode(body: Buffer, now: Date): Opened {
  const seconds = body.readUInt32BE(41);
  const expiresAt = seconds === 0 ? undefined : new Date(seconds * 1000);
  return {
    kind: expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid',
    scope: uuid(body, 5),
    subject: uuid(body, 21),
    generation: body.readUInt32BE(37),
    expiresAt,
  };
}

function uuid(body: Buffer, at: number): string {
  const hex = body.toString('hex', at, at + 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
