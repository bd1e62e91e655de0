import type { Context } from '../platform/context.js';
import { DAY_MS } from '../platform/durations.js';
import type { Publication } from '../publications/publication.js';
import { exportReaders } from '../subscribers/list/export-readers.js';
import type { ReaderFilter } from '../subscribers/list/reader-filter.js';
import type { NewExport, PreparedExport } from './export.js';
import { exportJsonLines } from './export-jsonl.js';
import { deleteExportsBefore, insertExport, setEnd, setProgress } from './writes.js';

/** So long a program may fetch the file of what it asked for. */
const KEPT_MS = DAY_MS;

/** Keeps what a program asked for. What was asked for a day ago and earlier is deleted. */
export function prepareExport(
  { db, now }: Pick<Context, 'db' | 'now'>,
  asked: NewExport,
): Promise<{ id: string }> {
  return db.transaction(async (tx) => {
    await deleteExportsBefore(tx, new Date(now().getTime() - KEPT_MS));
    return insertExport(tx, asked, now());
  });
}

/** The file, in pieces; how far it is is kept in its row. It may be read more than once, and is made anew each time. */
export async function* readPreparedExport(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publication: Publication,
  { id, format, suppressionKey, filter: stored }: PreparedExport,
): AsyncGenerator<string> {
  const { db, now } = context;
  const filter = parseStoredFilter(stored);
  const onReaders = async (count: number) => void (await setProgress(db, id, count));
  const pieces =
    format === 'csv'
      ? exportReaders(context, { publicationId: publication.id, filter }, onReaders)
      : exportJsonLines(context, publication, { filter, suppressionKey, onReaders });
  let isDone = false;
  try {
    yield* pieces;
    isDone = true;
  } finally {
    await setEnd(db, id, isDone ? 'done' : 'broken-off', now());
  }
}

function parseStoredFilter(stored: Record<string, unknown>): ReaderFilter {
  const at = (value: unknown) => (typeof value === 'string' ? new Date(value) : undefined);
  const { joinedFrom, joinedBefore, ...rest } = stored;
  return { ...(rest as ReaderFilter), joinedFrom: at(joinedFrom), joinedBefore: at(joinedBefore) };
}
