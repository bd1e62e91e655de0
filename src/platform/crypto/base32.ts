const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const GROUP_BYTES = 5;

/** The base32 of RFC 4648 section 6, in lower case and without padding: whole groups of 5 octets only. */
export function encodeBase32(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += GROUP_BYTES) {
    const high = bytes.readUIntBE(at, 3);
    const low = ((high & 0xf) << 16) | bytes.readUInt16BE(at + 3);
    text += letter(high >>> 19) + letter(high >>> 14) + letter(high >>> 9) + letter(high >>> 4);
    text += letter(low >>> 15) + letter(low >>> 10) + letter(low >>> 5) + letter(low);
  }
  return text;
}

function letter(bits: number): string {
  return ALPHABET.charAt(bits & 31);
}

/** Undefined: it is not what `encodeBase32` returns for any octets. */
export function decodeBase32(text: string): Buffer | undefined {
  if (text.length % 8 !== 0 || !/^[a-z2-7]*$/.test(text)) return undefined;
  const bytes = Buffer.alloc((text.length / 8) * GROUP_BYTES);
  for (let at = 0; at < text.length; at += 4) {
    const bits = [0, 1, 2, 3].reduce(
      (sum, place) => (sum << 5) | ALPHABET.indexOf(text.charAt(at + place)),
      0,
    );
    // Four letters are 20 bits: two and a half octets.
    const place = (at * GROUP_BYTES) / 8;
    if (at % 8 === 0) bytes.writeUIntBE(bits << 4, place, 3);
    else bytes.writeUIntBE(((bytes[Math.floor(place)] ?? 0) << 16) | bits, Math.floor(place), 3);
  }
  return bytes;
}
