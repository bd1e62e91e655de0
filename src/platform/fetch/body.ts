import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

export type BodyResult =
  | { kind: 'read'; body: Buffer }
  | { kind: 'too-large' }
  | { kind: 'unknown-encoding' };

/** The content codings that `readBody` decodes, for the Accept-Encoding header. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

class TooLargeError extends Error {}

/**
 * Reads a response body and decodes its Content-Encoding (RFC 9110 section 8.4) as it streams. Stops at `limit` bytes after
 * decompression, so that a decompression bomb takes no more memory.
 * @throws the stream's errors
 */
export async function readBody(source: Readable, encoding: string, limit: number): Promise<BodyResult> {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > 2 || !names.every(isKnownEncoding)) return { kind: 'unknown-encoding' };
  const chunks: Buffer[] = [];
  try {
    const decoded = await decode(source, names.reverse());
    await pipeline(decoded, (stream: AsyncIterable<Buffer>) => collect(stream, chunks, limit));
  } catch (error) {
    if (error instanceof TooLargeError) return { kind: 'too-large' };
    throw error;
  }
  return { kind: 'read', body: Buffer.concat(chunks) };
}

function isKnownEncoding(name: string): boolean {
  return ['gzip', 'x-gzip', 'deflate', 'br'].includes(name);
}

async function collect(stream: AsyncIterable<Buffer>, chunks: Buffer[], limit: number): Promise<void> {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw new TooLargeError();
    chunks.push(chunk);
  }
}

async function decode(source: Readable, names: string[]): Promise<Readable> {
  let stream = source;
  for (const name of names) {
    const { first, rest } = await peek(stream);
    if (!first) return Readable.from([]);
    stream = connect(rest, createDecoder(name, first));
  }
  return stream;
}

/** `pipe` does not pass on errors and early ends of either stream; `pipeline` does. */
function connect(source: Readable, decoder: Transform): Readable {
  pipeline(source, decoder).catch((error: Error) => decoder.destroy(error));
  return decoder;
}

function createDecoder(name: string, first: Buffer): Transform {
  // Decodes a stream whose last bytes are missing as far as it goes, as browsers do.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
  if (name === 'br') return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
  if (name !== 'deflate') return createGunzip(lenient);
  // "deflate" is a zlib stream (RFC 9110 section 8.4.1.2), but some servers send raw deflate data.
  return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate(lenient) : createInflateRaw(lenient);
}

async function peek(stream: Readable): Promise<{ first: Buffer | undefined; rest: Readable }> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const { value, done } = await chunks.next();
  if (done) return { first: undefined, rest: Readable.from([]) };
  return { first: value, rest: Readable.from(replayFirstChunk(value, chunks)) };
}

async function* replayFirstChunk(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
