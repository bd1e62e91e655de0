import {
  addImport,
  answerImport,
  checkFiles,
  createImport,
} from '../../src/subscribers/import/prepare-import.js';
import type { Import } from '../../src/subscribers/import/import.js';
import { findImport } from '../../src/subscribers/import/reads.js';
import { receiveFile } from '../../src/subscribers/import/receive-file.js';
import type { Publication } from '../../src/publications/publication.js';
import type { TestApp } from './test-app.js';

/** Files by their names, or the text of one. */
export type GivenFiles = string | Readonly<Record<string, string | Buffer>>;

export type GivenImport = { product?: string; productName?: string } & Partial<
  Pick<Import, 'consent' | 'statement' | 'cadence' | 'timezone' | 'dateOrder' | 'asksPerHour'>
>;

/** An import with its files and answers, checked by the job. @throws what keeps it from being checked */
export async function prepareImport(
  app: TestApp,
  publication: Publication,
  files: GivenFiles,
  { product = 'other', productName = 'the old list', ...answers }: GivenImport = {},
): Promise<Import> {
  const created = await createImport(app.context, publication, { product, productName });
  if (created.kind !== 'created') throw new Error(created.kind);
  for (const [name, content] of Object.entries(
    typeof files === 'string' ? { 'readers.csv': files } : files,
  )) {
    const received = await receiveFile(app.context, created, name, chunksOf(Buffer.from(content)));
    if (received.kind !== 'received') throw new Error(JSON.stringify(received));
  }
  await answerImport(app.context, created.id, { statement: 'They ticked a box on our site.', ...answers });
  const asked = await checkFiles(app.context, created.id);
  if (asked.kind !== 'checking') throw new Error(JSON.stringify(asked));
  await app.handlers['import-readers']({ importId: created.id });
  return readImport(app, created.id);
}

/** The same, added. */
export async function bringReaders(
  app: TestApp,
  publication: Publication,
  files: GivenFiles,
  given: GivenImport = {},
): Promise<Import> {
  const { id } = await prepareImport(app, publication, files, given);
  const { kind } = await addImport(app.context, id);
  if (kind !== 'adding') throw new Error(kind);
  await app.handlers['import-readers']({ importId: id });
  return readImport(app, id);
}

export async function readImport(app: TestApp, id: string): Promise<Import> {
  const found = await findImport(app.context.db, id);
  if (found === undefined) throw new Error('There is no such import.');
  return found;
}

/** In pieces that end anywhere. */
async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += 1000) yield bytes.subarray(from, from + 1000);
}
