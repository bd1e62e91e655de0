import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { csvLine } from '../../platform/text/csv.js';
import { listToExport, type ExportedReader, type ReaderSelection } from './reads.js';

const CHUNK_SIZE = 1000;

const COLUMNS =
  'email status cadence hour weekday day_of_month timezone topics language joined signed_up_on paused_until left bounced'.split(
    ' ',
  );

/**
 * A CSV file of readers, in pieces, with as little memory for five million as for fifty. That it was made is recorded before the
 * first line goes out.
 * @param onReaders told how many readers are through
 */
export async function* exportReaders(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  selection: ReaderSelection,
  onReaders?: (count: number) => Promise<void>,
): AsyncGenerator<string> {
  await recordExport(context, selection);
  // Spreadsheets take a file without it for one of another encoding.
  yield `\uFEFF${csvLine(COLUMNS)}`;
  let after: string | undefined;
  let count = 0;
  do {
    const rows: ExportedReader[] = await listToExport(context.db, selection, { after, limit: CHUNK_SIZE });
    count += rows.length;
    await onReaders?.(count);
    yield rows.map((row) => csvLine(cellsOf(row))).join('');
    after = rows.length < CHUNK_SIZE ? undefined : rows.at(-1)?.id;
  } while (after !== undefined);
}

/** Before the first line goes out: who breaks it off has seen some of them. */
export async function recordExport(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  selection: ReaderSelection,
): Promise<void> {
  const { publicationId } = selection;
  const change = { kind: 'subscription.exported', publicationId, subjectId: null } as const;
  await context.db.transaction((tx) =>
    recordActivity(tx, context, { ...change, after: { isFiltered: isFiltered(selection) } }),
  );
}

/** Whether some of the readers are left out. */
export function isFiltered({ filter }: ReaderSelection): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

function cellsOf(row: ExportedReader): (string | number | null)[] {
  const { email, status, cadence, hour, weekday, dayOfMonth, timezone, topics, locale } = row;
  const { joinedAt, source, pausedUntil, unsubscribedAt, bouncedAt } = row;
  const chosen = [email, status, cadence, hour, weekday, dayOfMonth, timezone, topics.join('; '), locale];
  const happened = [
    isoText(joinedAt),
    source,
    isoText(pausedUntil),
    isoText(unsubscribedAt),
    isoText(bouncedAt),
  ];
  return [...chosen, ...happened];
}

function isoText(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
