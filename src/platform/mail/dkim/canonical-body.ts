import { createHash } from 'node:crypto';

/**
 * SHA-256 of a body in "relaxed" form (RFC 6376 section 3.4.4), base64.
 * @param body before leading dots are doubled, with CRLF line ends; chunks may end anywhere
 */
export function hashBody(body: readonly Uint8Array[]): string {
  return hashCanonicalBody(isCanonical(body) ? body : [relaxBody(body)]);
}

/** SHA-256 in base64 of a body that is known to be in relaxed form already. */
export function hashCanonicalBody(body: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of body) hash.update(chunk);
  return hash.digest('base64');
}

/**
 * The relaxed form: without blanks at line ends and empty lines at the end, with one space for a run of blanks, and with CRLF
 * behind the last line. Empty for a body of nothing but blanks and empty lines.
 */
export function relaxBody(body: readonly Uint8Array[]): Buffer {
  // Runs of blanks are replaced first, so that no later expression needs quadratic time for a long one.
  const lines = Buffer.concat(body)
    .toString('latin1')
    .replace(/[ \t]+/g, ' ')
    .replace(/ (?=\r\n|$)/g, '');
  let end = lines.length;
  while (lines.endsWith('\r\n', end)) end -= 2;
  return Buffer.from(end === 0 ? '' : `${lines.slice(0, end)}\r\n`, 'latin1');
}

/** May return false for a canonical body too, as for one with a chunk that does not end at a line's end. */
function isCanonical(body: readonly Uint8Array[]): boolean {
  const chunks = body.filter((chunk) => chunk.length > 0).map(asBuffer);
  const last = chunks.at(-1);
  return last === undefined || (chunks.every(hasOnlyCanonicalLines) && !endsInEmptyLine(last));
}

function hasOnlyCanonicalLines(chunk: Buffer): boolean {
  return (
    chunk.at(-1) === LF &&
    chunk.at(-2) === CR &&
    !chunk.includes(TAB) &&
    !chunk.includes('  ') &&
    !chunk.includes(' \r\n')
  );
}

function endsInEmptyLine(chunk: Buffer): boolean {
  return chunk.length === 2 || (chunk.at(-3) === LF && chunk.at(-4) === CR);
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}

const [TAB, LF, CR] = [0x09, 0x0a, 0x0d];
