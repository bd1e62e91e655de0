import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import type { Request } from 'express';
import { TooManyBodiesError } from './read-body.js';

/** A form with a file (RFC 7578). Its fields stand before the file, which is read piece by piece. */
export type Upload = {
  fields: Readonly<Record<string, string>>;
  file: AsyncIterable<Buffer> | undefined;
  /** As the browser has it: any text. */
  fileName?: string | undefined;
};

const LIMITS = { fields: 10, fieldNameSize: 100, fieldSize: 20_000, files: 1, parts: 11, headerPairs: 20 };

/** Files that come in at the same time: each holds no more than a few pieces, and a connection of the database now and then. */
const MAX_AT_ONCE = 4;
let open = 0;

/**
 * Reads the fields of a form, up to its file.
 * @throws status 400 for what is no such form or is cut off, 413 for a file that is longer than `maxBytes` (while it is read), and
 * TooManyBodiesError
 */
export async function readUpload<Result>(
  req: Request,
  maxBytes: number,
  use: (upload: Upload) => Promise<Result>,
): Promise<Result> {
  if (open >= MAX_AT_ONCE) throw new TooManyBodiesError('Too many files at once');
  open += 1;
  try {
    return await use(await openUpload(req, maxBytes));
  } finally {
    open -= 1;
    // What is left of it is not wanted: an answer can be sent only once the form has come in.
    req.unpipe();
    req.resume();
  }
}

function openUpload(req: Request, maxBytes: number): Promise<Upload> {
  const type = req.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) return Promise.reject(badForm('This is no form with a file'));
  const parser = new Busboy({
    headers: { ...req.headers, 'content-type': type },
    limits: { ...LIMITS, fileSize: maxBytes },
  });
  return new Promise((resolve, reject) => {
    const fields: Record<string, string> = {};
    let file: BusboyFileStream | undefined;
    const fail = (error: Error) => {
      file?.destroy(error);
      reject(error);
    };
    parser.on('field', (name: string, value: string) => void (fields[name] = value));
    parser.on('file', (_name: string, stream: BusboyFileStream, fileName?: string) => {
      file = stream;
      resolve({ fields, file: withinLimit(stream), fileName });
    });
    parser.on('finish', () => resolve({ fields, file: undefined }));
    parser.on('error', () => fail(badForm('The form cannot be read')));
    req.on('close', () => {
      if (!req.complete) fail(badForm('The request was cut off'));
    });
    req.pipe(parser);
  });
}

async function* withinLimit(stream: BusboyFileStream): AsyncGenerator<Buffer> {
  for await (const chunk of stream) yield chunk as Buffer;
  if (stream.truncated) throw Object.assign(new Error('The file is too large'), { status: 413 });
}

function badForm(message: string): Error {
  return Object.assign(new Error(message), { status: 400 });
}
