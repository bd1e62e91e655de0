import type { Context } from '../platform/context.js';
import { DAY_MS } from '../platform/durations.js';
import type { Publication } from '../publications/publication.js';
import { readReaderChange, readReaderDays, type ReaderDay } from '../subscribers/counts/reader-days.js';
import { readReaderCounts, type ReaderCounts } from '../subscribers/counts/reads.js';

/** How many readers there are, and how that came about. */
export type ReadersOverTime = {
  counts: ReaderCounts;
  /** In the last 30 days. */
  change: Awaited<ReturnType<typeof readReaderChange>>;
  /** The last 90 days, today the last, each with the readers at its end: confirmed and paused. */
  days: (ReaderDay & { readers: number })[];
};

const CHANGE_DAYS = 30;
const SHOWN_DAYS = 90;

export async function readReadersOverTime(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publication: Pick<Publication, 'id' | 'timezone'>,
): Promise<ReadersOverTime> {
  const since = new Date(now().getTime() - CHANGE_DAYS * DAY_MS);
  const counts = await readReaderCounts(db, publication.id);
  const days = await readReaderDays(db, publication, SHOWN_DAYS, now());
  let readers = counts.confirmed + counts.paused;
  const ends = days.toReversed().map((day) => {
    const atEnd = { ...day, readers };
    readers -= day.joined - day.left;
    return atEnd;
  });
  return {
    counts,
    change: await readReaderChange(db, publication.id, { since, now: now() }),
    days: ends.toReversed(),
  };
}
