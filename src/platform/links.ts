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
};

const VERSION = 1;
/** version 1, key id 4, scope 16, subject 16, generation 4, expiry in seconds 4 */
const BODY = 45;
const MAC = 16;
const TOKEN = Math.ceil(((BODY + MAC) * 4) / 3);

export function createLinks(keys: Keys): Links {
  return {
    keyId: keys[0].id,
    seal(purpose, claims, keyId) {
      const key = keys.find((one) => one.id === keyId) ?? keys[0];
      const token = encode(key, claims);
      mac(key, purpose, token.subarray(0, BODY)).copy(token, BODY, 0, MAC);
      return token.toString('base64url');
    },
    open(purpose, token, now) {
      const bytes = token.length === TOKEN ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
      if (bytes.length !== BODY + MAC || bytes.toString('base64url') !== token) return { kind: 'invalid' };
      const body = bytes.subarray(0, BODY);
      const key = keys.find((one) => one.id === body.toString('hex', 1, 5));
      if (key === undefined || body[0] !== VERSION) return { kind: 'invalid' };
      if (!timingSafeEqual(mac(key, purpose, body).subarray(0, MAC), bytes.subarray(BODY)))
        return { kind: 'invalid' };
      return decode(body, now);
    },
  };
}

function mac(key: Key, purpose: string, body: Buffer): Buffer {
  const known = macs.get(key) ?? new Map<string, (body: Buffer) => Buffer>();
  macs.set(key, known);
  const made = known.get(purpose) ?? createShortHmac(key.for(`link:${purpose}`), BODY);
  known.set(purpose, made);
  return made(body);
}

const macs = new WeakMap<Key, Map<string, (body: Buffer) => Buffer>>();

/** The body, with room for its MAC. */
function encode(key: Key, claims: Claims): Buffer {
  const body = Buffer.alloc(BODY + MAC);
  body.writeUInt8(VERSION, 0);
  body.write(key.id, 1, 'hex');
  body.write(claims.scope.replaceAll('-', ''), 5, 'hex');
  body.write(claims.subject.replaceAll('-', ''), 21, 'hex');
  body.writeUInt32BE(claims.generation ?? 0, 37);
  body.writeUInt32BE(claims.expiresAt === undefined ? 0 : Math.floor(claims.expiresAt.getTime() / 1000), 41);
  return body;
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
