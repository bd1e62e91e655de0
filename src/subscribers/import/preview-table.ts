import type { ImportPreview } from './import.js';
import { openTable } from './read/open-table.js';
import { isEventTable, suggestColumns } from './read/suggest-columns.js';

/** So many rows are shown before anything happens. */
const ROWS_SHOWN = 5;

/** Looks at the beginning of a file: its first rows, what each column is taken for, and the product whose export it looks like. */
export async function previewTable(
  source: AsyncIterable<Uint8Array>,
  { fileName, now }: { fileName: string; now: Date },
): Promise<{ columns: string[]; preview: ImportPreview } | { mistake: string }> {
  const opened = await openTable(source);
  if (opened.kind === 'mistake') return { mistake: opened.mistake };
  const { header, sample } = opened.table;
  await opened.table.close();
  if (isEventTable(header)) return { mistake: 'events' };
  const rows = sample.flatMap((row) => ('cells' in row ? [row.cells] : []));
  const { preset, kind, columns } = suggestColumns({ header, rows, fileName, now });
  return { columns, preview: { header, rows: rows.slice(0, ROWS_SHOWN), preset, kind } };
}
