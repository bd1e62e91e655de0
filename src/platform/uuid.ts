import { randomFillSync } from 'node:crypto';

const bytes = Buffer.alloc(16);
let last = 0;
let count = 0;

/**
 * Makes a version 7 UUID, for a row whose id is needed before it is inserted. Ids sort by time, and those of one process in the
 * order in which they were made (RFC 9562 sections 5.7 and 6.2: a counter in rand_a, which may run into the next millisecond).
 */
export function uuidv7(at: Date): string {
  const time = Math.max(at.getTime(), last);
  count = time === last ? count + 1 : 0;
  last = time + (count > 0xfff ? 1 : 0);
  count &= 0xfff;
  randomFillSync(bytes, 8);
  bytes.writeUIntBE(last, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return formatUuid(bytes);
}

function formatUuid(octets: Buffer): string {
  const hex = octets.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The lowest version 7 UUID of a moment: all that were made before are lower. */
export function lowestUuidAt(at: Date): string {
  const time = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

/** A UUID in 22 characters of base64url (RFC 4648 section 5), for links in mails. */
export function shortenUuid(uuid: string): string {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The UUID of 22 characters; undefined for any other text. */
export function expandUuid(short: string): string | undefined {
  const octets = /^[\w-]{22}$/.test(short) ? Buffer.from(short, 'base64url') : Buffer.alloc(0);
  return octets.length === 16 && octets.toString('base64url') === short ? formatUuid(octets) : undefined;
}
