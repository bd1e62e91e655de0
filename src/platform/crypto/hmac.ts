import { hash } from 'node:crypto';

/** The block size of SHA-256 (FIPS 180-4), in octets. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * HMAC-SHA-256 (RFC 2104) for many short messages under one key, in a third of the time of `createHmac`, which makes an
 * object for every message.
 * @param key at most 64 octets
 * @param longest octets of the longest message
 * @returns the digest as a string of octets ('binary')
 */
export function createShortHmac(key: Uint8Array, longest: number): (message: Uint8Array) => string {
  if (key.length > BLOCK_BYTES) throw new Error('The key is longer than a block.');
  const inner = padKey(key, 0x36, longest);
  const outer = padKey(key, 0x5c, DIGEST_BYTES);
  return (message) => {
    if (message.length > longest) throw new Error('The message is longer than it may be.');
    inner.set(message, BLOCK_BYTES);
    outer.write(sha256(inner.subarray(0, BLOCK_BYTES + message.length)), BLOCK_BYTES, 'binary');
    return sha256(outer);
  };
}

function padKey(key: Uint8Array, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES + room, pad);
  key.forEach((octet, at) => block.writeUInt8(octet ^ pad, at));
  return block;
}

/** Returns a string of octets, which is four times as fast as a Buffer. */
function sha256(octets: Buffer): string {
  return hash('sha256', octets, 'binary');
}
