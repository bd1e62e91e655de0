import { isUtf8 } from 'node:buffer';

/** `ascii`: nothing beyond ASCII in the sample, so the first line that has more decides. */
export type Encoding = 'ascii' | 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** @returns with the bytes of the byte order mark (WHATWG Encoding, section 6), which are no text */
export function detectEncoding(sample: Buffer): { encoding: Encoding; markBytes: number } {
  if (sample.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf))) return { encoding: 'utf-8', markBytes: 3 };
  if (sample.subarray(0, 2).equals(Buffer.of(0xff, 0xfe))) return { encoding: 'utf-16le', markBytes: 2 };
  if (sample.subarray(0, 2).equals(Buffer.of(0xfe, 0xff))) return { encoding: 'utf-16be', markBytes: 2 };
  return { encoding: withoutMark(sample), markBytes: 0 };
}

function withoutMark(sample: Buffer): Encoding {
  return wideEncoding(sample) ?? narrowEncoding(sample);
}

/** Half of the bytes of an ASCII character in UTF-16 are 0: the second ones, or the first. */
function wideEncoding(sample: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const zeros = [0, 0];
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [first, second] = zeros.map((count) => count / Math.max(1, sample.length / 2));
  if (second !== undefined && second > 0.3 && (first ?? 0) < 0.05) return 'utf-16le';
  if (first !== undefined && first > 0.3 && (second ?? 0) < 0.05) return 'utf-16be';
  return undefined;
}

/** By most of the lines that have more than ASCII: one broken line of a file in UTF-8 does not make it another encoding. */
function narrowEncoding(sample: Buffer): 'ascii' | 'utf-8' | 'windows-1252' {
  const lines = wholeLines(sample).filter((line) => /[\x80-\xff]/.test(line));
  if (lines.length === 0) return 'ascii';
  const valid = lines.filter((line) => isUtf8(Buffer.from(line, 'latin1'))).length;
  return valid * 2 >= lines.length ? 'utf-8' : 'windows-1252';
}

/** Byte by byte as characters; the last line may be cut in the middle of a letter. */
function wholeLines(sample: Buffer): string[] {
  const lines = sample.toString('latin1').split(/\r\n|\r|\n/);
  return lines.length > 1 ? lines.slice(0, -1) : lines;
}

/** What windows-1252 has in the place of ISO 8859-1's control characters 80-9F (WHATWG Encoding, index windows-1252). */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/**
 * Decodes one line.
 * @param bytes each as the character of its number
 * @returns undefined: not in this encoding. In a file of windows-1252, a line that can be UTF-8 is: the other way round, its letters
 *   would be ones that hardly anybody writes beside each other.
 */
export function decodeLine(bytes: string, encoding: 'utf-8' | 'windows-1252'): string | undefined {
  const buffer = Buffer.from(bytes, 'latin1');
  if (isUtf8(buffer)) return buffer.toString('utf8');
  if (encoding === 'utf-8') return undefined;
  return bytes.replaceAll(/[\x80-\x9f]/g, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80] ?? byte);
}
