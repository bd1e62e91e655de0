import type { ArchiveEntry } from './open-archive.js';
import { openTable } from './open-table.js';
import { isEventTable, suggestColumns, type Suggestion } from './suggest-columns.js';
import type { Table, TableMistake } from './table.js';

/** A file of an archive: a table of readers with what its columns are, or why it is none. */
export type FoundFile = { entry: ArchiveEntry } & (
  | { suggestion: Suggestion; table: Omit<Table, 'rows' | 'close'> }
  | { leftOut: TableMistake | 'events' | 'no-email-column' }
);

/**
 * Looks at the beginning of each file of an archive, one after the other. Whole exports have tables of posts and of opened mails
 * beside those of readers.
 * @throws what reading an entry throws: the archive is damaged, or an entry is larger than it claims
 */
export async function findReaderTables(entries: readonly ArchiveEntry[], now: Date): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of entries) found.push(await look(entry, now));
  return found;
}

async function look(entry: ArchiveEntry, now: Date): Promise<FoundFile> {
  const opened = await openTable(await entry.open());
  if (opened.kind === 'mistake') return { entry, leftOut: opened.mistake };
  const { rows: _rows, close, ...table } = opened.table;
  await close();
  if (isEventTable(table.header)) return { entry, leftOut: 'events' };
  const cells = table.sample.flatMap((row) => ('cells' in row ? [row.cells] : []));
  const suggestion = suggestColumns({ header: table.header, rows: cells, fileName: entry.path, now });
  return suggestion.columns.includes('email')
    ? { entry, suggestion, table }
    : { entry, leftOut: 'no-email-column' };
}
