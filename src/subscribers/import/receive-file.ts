import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import type { Import, ImportFile } from './import.js';
import { findFile, findPart, listFiles } from './file-reads.js';
import { findImport } from './reads.js';
import { deleteFile, insertFile, insertPart, markFileComplete } from './file-writes.js';
import { previewTable } from './preview-table.js';
import { findReaderTables } from './read/find-reader-tables.js';
import { openArchive } from './read/open-archive.js';

/** In bytes: what a file may have, and what of it is stored and held at a time. */
export const MAX_FILE_BYTES = 1024 * 1024 * 1024;
const PART_BYTES = 1024 * 1024;
const MAX_FILES = 50;
const MAX_NAME_CHARACTERS = 200;

export type ReceiveResult =
  | { kind: 'received'; files: ImportFile[] }
  | { kind: 'not-open' | 'too-many-files' | 'too-large' }
  | { kind: 'no-table'; mistake: string };

type ReceiveContext = Pick<Context, 'db' | 'now'>;
type FileKey = Pick<ImportFile, 'importId' | 'number'>;

/**
 * Keeps a file, in parts, and looks at its beginning; of a ZIP archive the tables of readers in it, each as a file. What breaks off, or
 * is no table, leaves nothing.
 * @throws what the source throws
 */
export async function receiveFile(
  context: ReceiveContext,
  { id }: Pick<Import, 'id'>,
  name: string,
  source: AsyncIterable<Uint8Array>,
): Promise<ReceiveResult> {
  const { db } = context;
  const begun = await beginFile(db, id, name);
  if (typeof begun === 'string') return { kind: begun };
  const file = { importId: id, number: begun.number };
  try {
    if (!(await storeParts(db, file, source))) return await withoutFile(db, file, { kind: 'too-large' });
    return await finishFile(context, file);
  } catch (error) {
    await withoutFile(db, file, undefined);
    throw error;
  }
}

async function beginFile(
  db: Db,
  importId: string,
  name: string,
): Promise<{ number: number } | 'not-open' | 'too-many-files'> {
  const found = await findImport(db, importId);
  if (found?.state !== 'open' && found?.state !== 'checked') return 'not-open';
  if ((await listFiles(db, importId)).length >= MAX_FILES) return 'too-many-files';
  return db.transaction((tx) => insertFile(tx, importId, name.slice(-MAX_NAME_CHARACTERS)));
}

/** Each part but the last has PART_BYTES, so that any place of the file is found. False: it is larger than a file may be. */
async function storeParts(db: Db, file: FileKey, source: AsyncIterable<Uint8Array>): Promise<boolean> {
  let [held, size, number, total] = [[] as Uint8Array[], 0, 0, 0];
  const store = (bytes: Buffer) => db.transaction((tx) => insertPart(tx, file, { number: number++, bytes }));
  for await (const chunk of source) {
    total += chunk.length;
    if (total > MAX_FILE_BYTES) return false;
    held.push(chunk);
    size += chunk.length;
    if (size < PART_BYTES) continue;
    let bytes = Buffer.concat(held);
    for (; bytes.length >= PART_BYTES; bytes = bytes.subarray(PART_BYTES))
      await store(bytes.subarray(0, PART_BYTES));
    [held, size] = [[bytes], bytes.length];
  }
  if (size > 0) await store(Buffer.concat(held));
  return true;
}

/** Looks at what came. What is no table is not kept. */
async function finishFile(context: ReceiveContext, { importId, number }: FileKey): Promise<ReceiveResult> {
  const { db, now } = context;
  const file = await findFile(db, importId, number);
  if (file === undefined) return { kind: 'not-open' };
  if (/\.zip$/i.test(file.name)) return withoutFile(db, file, await unpack(context, file));
  const found = await previewTable(readParts(db, file), { fileName: file.name, now: now() });
  if ('mistake' in found) return withoutFile(db, file, { kind: 'no-table', mistake: found.mistake });
  await db.transaction((tx) => markFileComplete(tx, file, found));
  return { kind: 'received', files: [{ ...file, ...found, isComplete: true }] };
}

/** The tables of readers of an archive, each as a file of its own. */
async function unpack(context: ReceiveContext, archive: ImportFile): Promise<ReceiveResult> {
  const { db, now } = context;
  const opened = await openArchive({
    size: archive.bytes,
    read: (start, end) => readRange(db, archive, start, end),
  });
  if (opened.kind === 'mistake') return { kind: 'no-table', mistake: opened.mistake };
  const found = await findReaderTables(opened.entries, now());
  const tables = found.filter((one) => 'suggestion' in one);
  if (tables.length === 0) return { kind: 'no-table', mistake: 'no-tables' };
  const files: ImportFile[] = [];
  for (const { entry } of tables) {
    const received = await receiveFile(context, { id: archive.importId }, entry.path, await entry.open());
    if (received.kind !== 'received') return received;
    files.push(...received.files);
  }
  return { kind: 'received', files };
}

async function withoutFile<Result>(db: Db, { importId, number }: FileKey, result: Result): Promise<Result> {
  await db.transaction((tx) => deleteFile(tx, importId, number));
  return result;
}

/** The bytes of a file, a part at a time. */
export function readParts(db: Db, file: FileKey): AsyncGenerator<Buffer> {
  return readRange(db, file, 0, Infinity);
}

/** @param end the byte behind the last */
async function* readRange(db: Db, file: FileKey, start: number, end: number): AsyncGenerator<Buffer> {
  for (let number = Math.floor(start / PART_BYTES); number * PART_BYTES < end; number += 1) {
    const part = await findPart(db, file, number);
    if (part === undefined) return;
    const from = number * PART_BYTES;
    yield part.bytes.subarray(Math.max(0, start - from), Math.min(part.bytes.length, end - from));
  }
}
