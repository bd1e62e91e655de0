import type { Actor } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { redactAddresses } from '../../platform/text/redact.js';
import type { Publication } from '../../publications/publication.js';
import type { Import, ImportFile, ImportOperation, ImportState } from './import.js';
import { findFile, listFiles } from './file-reads.js';
import { findImport, isAnotherAtWork } from './reads.js';
import { deleteFile, updateColumns } from './file-writes.js';
import { insertImport, moveImport, updateAnswers, type ImportAnswers } from './writes.js';

type ChangeContext = Pick<Context, 'db' | 'now' | 'actor'>;

/** Begins an import: files come in next. Nothing changes for readers before `addImport`. */
export function createImport(
  { db, now, actor }: ChangeContext,
  publication: Pick<Publication, 'id' | 'defaultCadence' | 'timezone' | 'archivedAt'>,
  { product, productName }: Pick<Import, 'product' | 'productName'>,
): Promise<{ kind: 'created'; id: string } | { kind: 'archived' }> {
  const { id: publicationId, defaultCadence: cadence, timezone, archivedAt } = publication;
  if (archivedAt !== null) return Promise.resolve({ kind: 'archived' });
  return db.transaction(async (tx) => {
    const { id } = await insertImport(
      tx,
      { publicationId, product, productName, cadence, timezone },
      actor,
      now(),
    );
    return { kind: 'created', id };
  });
}

/** What an operator says of it. What was checked before has to be checked again. */
export async function answerImport(
  { db }: Pick<Context, 'db'>,
  id: string,
  answers: Partial<ImportAnswers>,
): Promise<{ kind: 'answered' | 'not-open' }> {
  return db.transaction(async (tx) => {
    const found = await findImport(tx, id);
    if (found === undefined) return { kind: 'not-open' };
    const { product, productName, consent, statement, cadence, timezone, dateOrder, asksPerHour } = found;
    const before = { product, productName, consent, statement, cadence, timezone, dateOrder, asksPerHour };
    const after = { ...before, ...answers };
    const said = after.statement === null ? null : redactAddresses(after.statement.trim());
    const isOpen = await updateAnswers(tx, id, { ...after, statement: said === '' ? null : said });
    return { kind: isOpen ? 'answered' : 'not-open' };
  });
}

/** @param columns a word for each column (`fields`) */
export function chooseColumns(
  context: Pick<Context, 'db'>,
  { importId, number }: Pick<ImportFile, 'importId' | 'number'>,
  columns: string[],
): Promise<{ kind: 'chosen' | 'not-open' | 'not-there' | 'twice' }> {
  const chosen = columns.filter((field) => field !== 'ignore' && field !== 'topics');
  if (new Set(chosen).size < chosen.length) return Promise.resolve({ kind: 'twice' });
  return context.db.transaction(async (tx) => {
    const file = await findFile(tx, importId, number);
    if (file === undefined) return { kind: 'not-there' };
    if (!(await reopen(tx, importId))) return { kind: 'not-open' };
    await updateColumns(tx, importId, number, columns);
    return { kind: 'chosen' };
  });
}

export function removeFile(
  context: Pick<Context, 'db'>,
  { importId, number }: Pick<ImportFile, 'importId' | 'number'>,
): Promise<{ kind: 'removed' | 'not-open' }> {
  return context.db.transaction(async (tx) => {
    if (!(await reopen(tx, importId))) return { kind: 'not-open' };
    await deleteFile(tx, importId, number);
    return { kind: 'removed' };
  });
}

async function reopen(tx: Tx, id: string): Promise<boolean> {
  const found = await findImport(tx, id);
  if (found?.state === 'open') return true;
  return (await moveImport(tx, id, { by: 'change', to: 'open' })) !== undefined;
}

/** What keeps an import from being checked; undefined: nothing. */
export type Missing = 'no-file' | 'incomplete-file' | 'no-columns' | 'no-statement';

export function missingOf(found: Import, files: readonly ImportFile[]): Missing | undefined {
  if (files.length === 0) return 'no-file';
  if (files.some(({ isComplete }) => !isComplete)) return 'incomplete-file';
  if (files.some(({ columns }) => !columns?.includes('email'))) return 'no-columns';
  if (found.consent === 'mail' && found.statement === null) return 'no-statement';
  return undefined;
}

/** Has the files read and compared with who is here; what was found is in `Import.found`. */
export function checkFiles(
  context: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<{ kind: 'checking' | 'not-open' } | { kind: 'missing'; missing: Missing }> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const found = await findImport(tx, id);
    if (found === undefined) return { kind: 'not-open' };
    const missing = missingOf(found, await listFiles(tx, id));
    if (missing !== undefined) return { kind: 'missing', missing };
    return (await move(tx, id, { by: 'check', to: 'checking' }, now()))
      ? { kind: 'checking' }
      : { kind: 'not-open' };
  });
}

/** Adds what was checked. Pressed twice, it is added once; another one of the publication has to be over. */
export async function addImport(
  { db, now, actor }: ChangeContext,
  id: string,
): Promise<{ kind: 'adding' | 'not-checked' | 'busy' }> {
  const found = await findImport(db, id);
  if (found?.state !== 'checked') return { kind: 'not-checked' };
  return db.transaction(async (tx) => {
    if (await isAnotherAtWork(tx, found)) return { kind: 'busy' };
    const moved = await move(tx, id, { by: 'add', to: 'adding' }, now(), actor);
    return { kind: moved ? 'adding' : 'not-checked' };
  });
}

async function move(
  tx: Tx,
  id: string,
  change: { by: ImportOperation; to: ImportState },
  now: Date,
  actor?: Actor,
): Promise<boolean> {
  if ((await moveImport(tx, id, change, actor)) === undefined) return false;
  await enqueue(tx, 'import-readers', { importId: id }, now);
  return true;
}
