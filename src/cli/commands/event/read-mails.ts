import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_INBOUND_BYTES } from '../../../platform/mail/inbound/inbound-mail.js';

/**
 * The mails in a file (one, or many as mbox, RFC 4155), in a folder (a file each, or the `cur` and `new` of a Maildir), or, for '-', on
 * standard input. Of one that is larger than what is stored, its beginning.
 * @throws the error of the file system
 */
export async function* readMails(path: string): AsyncGenerator<Buffer> {
  if (path === '-') return yield* splitMails(process.stdin);
  if (!(await stat(path)).isDirectory()) return yield* readFile(path);
  for (const file of await listFiles(path)) yield* readFile(file);
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const isMaildir = entries.some((entry) => entry.isDirectory() && entry.name === 'cur');
  const inner = isMaildir ? ['cur', 'new'].map((name) => join(folder, name)) : [];
  const files = entries.filter((entry) => entry.isFile() && !isMaildir).map(({ name }) => join(folder, name));
  return [...files, ...(await Promise.all(inner.map(listFiles))).flat()].toSorted();
}

async function* readFile(path: string): AsyncGenerator<Buffer> {
  const handle = await open(path);
  try {
    yield* splitMails(handle.createReadStream({ autoClose: false }));
  } finally {
    await handle.close();
  }
}

/** Mails of an mbox begin with a line `From …` after an empty one; in them such a line has a > before it. */
async function* splitMails(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let mail: string[] | undefined;
  let isMbox = false;
  let size = 0;
  let last = '';
  for await (const line of splitLines(stream)) {
    const isSeparator = line.startsWith('From ') && (mail === undefined || (isMbox && last.trim() === ''));
    if (isSeparator) {
      if (mail !== undefined) yield toBuffer(mail);
      isMbox = true;
      size = 0;
    }
    mail = isSeparator ? [] : (mail ?? []);
    last = line;
    if (isSeparator || size + line.length > MAX_INBOUND_BYTES) continue;
    mail.push(isMbox ? line.replace(/^>(>*From )/, '$1') : line);
    size += line.length;
  }
  if (mail !== undefined) yield toBuffer(mail);
}

const toBuffer = (lines: readonly string[]) => Buffer.from(lines.join(''), 'latin1');

/** With their ends. A line that has none for a megabyte is cut into pieces. */
async function* splitLines(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const pieces = (rest + Buffer.from(chunk as Buffer).toString('latin1')).split(/(?<=\n)/);
    rest = pieces.pop() ?? '';
    if (rest.endsWith('\n') || rest.length > MAX_LINE_LENGTH) {
      pieces.push(rest);
      rest = '';
    }
    yield* pieces;
  }
  if (rest !== '') yield rest;
}

const MAX_LINE_LENGTH = 1024 * 1024;
