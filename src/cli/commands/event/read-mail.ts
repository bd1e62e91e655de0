import { open } from 'node:fs/promises';
import { MAX_READ_OCTETS } from '../../../platform/mail/reports/mime-parts.js';

/**
 * The beginning of a mail, as far as it is read, from a file or, for '-', from standard input.
 * @throws the error of the file system
 */
export async function readMail(file: string): Promise<Buffer> {
  return file === '-' ? readStream(process.stdin) : readFile(file);
}

async function readFile(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    return await readStream(handle.createReadStream({ end: MAX_READ_OCTETS - 1, autoClose: false }));
  } finally {
    await handle.close();
  }
}

async function readStream(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Buffer));
    length += chunks.at(-1)?.length ?? 0;
    if (length >= MAX_READ_OCTETS) break;
  }
  return Buffer.concat(chunks, Math.min(length, MAX_READ_OCTETS));
}
