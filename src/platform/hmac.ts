import { hash } from 'node:crypto';

/** SHA-256 works on blocks of so many octets. */
const BLOCK = 64;
const DIGEST = 32;

/**
 * HMAC-SHA-256 (RFC 2104) for many short messages under one key, at a third of what `createHmac` costs: that makes an
 * object for every message, which has to be collected again.
 * @param key at most 64 octets
 * @param longest octets of the longest message
 * @returns the digest as a string of octets ('binary')
 */
export function createShortHmac(key: Uint8Array, longest: number): (message: Uint8Array) => string {
  if (key.length > BLOCK) throw new Error('The key is longer than a block.');
  const inner = padded(key, 0x36, longest);
  const outer = padded(key, 0x5c, DIGEST);
  return (message) => {
    if (message.length > longest) throw new Error('The message is longer than it may be.');
    inner.set(message, BLOCK);
    outer.write(digest(inner.subarray(0, BLOCK + message.length)), BLOCK, 'binary');
    return digest(outer);
  };
}

function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK + room, pad);
  key.forEach((octet, at) => block.writeUInt8(octet ^ pad, at));
  return block;
}

/** As a string of octets: four times as fast as a Buffer of them. */
function digest(octets: Buffer): string {
  return hash('sha256', octets, 'binary');
}
