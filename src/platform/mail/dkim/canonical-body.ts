import { createHash } from 'node:crypto';

/**
 * SHA-256 of a body in "relaxed" form (RFC 6376 section 3.4.4), base64.
 * @param body as it is before dots are doubled, lines ended by CRLF; cut anywhere
 */
export function hashBody(body: readonly Uint8Array[]): string {
  return hashCanonicalBody(isCanonical(body) ? body : [relaxBody(body)]);
}

/** The same for a body known to be in relaxed form already: no byte is looked at twice. */
export function hashCanonicalBody(body: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of body) hash.update(chunk);
  return hash.digest('base64');
}

/**
 * Blanks at line ends go, runs of blanks become one space, empty lines at the end go, a last line without an end gets one.
 * Nothing is left of a body that has nothing but these.
 */
export function relaxBody(body: readonly Uint8Array[]): Buffer {
  // Blanks are first made single, so that no expression below ever has to look back over a run of them.
  const lines = Buffer.concat(body)
    .toString('latin1')
    .replace(/[ \t]+/g, ' ')
    .replace(/ (?=\r\n|$)/g, '');
  let end = lines.length;
  while (lines.endsWith('\r\n', end)) end -= 2;
  return Buffer.from(end === 0 ? '' : `${lines.slice(0, end)}\r\n`, 'latin1');
}

/** Says no when in doubt, as for a piece that does not end where a line ends. */
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
