import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import type { Import, ImportFile } from './import.js';
import { findFile, findImport, findPart, listFiles } from './reads.js';
import { deleteFile, insertFile, insertPart, markFileComplete } from './writes.js';
import { previewTable } from './preview-table.js';

/** In bytes: what a file may have, and what of it is stored and held at a time. */
export const MAX_FILE_BYTES = 1024 * 1024 * 1024;
export const PART_BYTES = 1024 * 1024;
export const MAX_FILES = 50;

export type ReceiveResult =
  | { kind: 'received'; file: ImportFile }
  | { kind: 'not-open' | 'too-many-files' | 'too-large' }
  | { kind: 'no-table'; mistake: string };

/** Keeps a file, in parts, and looks at its beginning. One that breaks off leaves nothing. @throws what the source throws */
export async function receiveFile(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { id }: Pick<Import, 'id'>,
  name: string,
  source: AsyncIterable<Uint8Array>,
): Promise<ReceiveResult> {
  const begun = await beginFile(db, id, name);
  if (typeof begun === 'string') return { kind: begun };
  const file = { importId: id, number: begun.number };
  try {
    if (!(await storeParts(db, file, source))) return await withoutFile(db, file, { kind: 'too-large' });
    return await finishFile({ db, now }, file);
  } catch (error) {
    await withoutFile(db, file, undefined);
    throw error;
  }
}

/** A file of which parts will come one by one, each in a request of its own. */
export async function beginFile(
  db: Db,
  importId: string,
  name: string,
): Promise<{ number: number } | 'not-open' | 'too-many-files'> {
  const found = await findImport(db, importId);
  if (found?.state !== 'open' && found?.state !== 'checked') return 'not-open';
  if ((await listFiles(db, importId)).length >= MAX_FILES) return 'too-many-files';
  return db.transaction((tx) => insertFile(tx, importId, name.slice(-200)));
}

/** False: it is larger than a file may be. */
async function storeParts(
  db: Db,
  file: Pick<ImportFile, 'importId' | 'number'>,
  source: AsyncIterable<Uint8Array>,
): Promise<boolean> {
  let [held, size, number, total] = [[] as Uint8Array[], 0, 0, 0];
  const store = async () => {
    const part = { number, bytes: Buffer.concat(held) };
    [held, size, number] = [[], 0, number + 1];
    await db.transaction((tx) => insertPart(tx, file, part));
  };
  for await (const chunk of source) {
    total += chunk.length;
    if (total > MAX_FILE_BYTES) return false;
    held.push(chunk);
    size += chunk.length;
    if (size >= PART_BYTES) await store();
  }
  if (size > 0) await store();
  return true;
}

/** Looks at what came. What is no table is not kept. */
export async function finishFile(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { importId, number }: Pick<ImportFile, 'importId' | 'number'>,
): Promise<ReceiveResult> {
  const file = await findFile(db, importId, number);
  if (file === undefined) return { kind: 'not-open' };
  const found = await previewTable(readParts(db, file), { fileName: file.name, now: now() });
  if ('mistake' in found) return withoutFile(db, file, { kind: 'no-table', mistake: found.mistake });
  await db.transaction((tx) => markFileComplete(tx, file, found));
  return { kind: 'received', file: { ...file, ...found, isComplete: true } };
}

async function withoutFile<Result>(
  db: Db,
  { importId, number }: Pick<ImportFile, 'importId' | 'number'>,
  result: Result,
): Promise<Result> {
  await db.transaction((tx) => deleteFile(tx, importId, number));
  return result;
}

/** The bytes of a file, a part at a time. */
export async function* readParts(
  db: Db,
  file: Pick<ImportFile, 'importId' | 'number'>,
): AsyncGenerator<Buffer> {
  for (let number = 0; ; number += 1) {
    const part = await findPart(db, file, number);
    if (part === undefined) return;
    yield part.bytes;
  }
}
