import type { Db, Tx } from '../../platform/db/database.js';
import {
  searchEverywhere,
  searchNext,
  type ListedReader,
  type FoundRows,
  type PageStart,
  type ReaderPlace,
  type ReaderSelection,
} from './reads.js';

/** How many fit: exactly, or as many of those that were looked at. */
export type Matching = { kind: 'exact'; count: number } | { kind: 'sampled'; of: number; count: number };

export type ReaderPage = {
  rows: ListedReader[];
  /** Where the next page begins, and the one before; null: there is none. */
  older: ReaderPlace | null;
  newer: ReaderPlace | null;
  /** Undefined on further pages. */
  matching: Matching | undefined;
};

/**
 * How many of the next rows are looked at. What most readers fit is found among the `first`: in a list of millions that is a few
 * milliseconds, also where each of them stands on a disk page of its own. Else as many are looked at as are needed by what those
 * tell, but not more than `longest`: what so few fit has few rows in all, which are found by their own indexes.
 */
const LOOKS = { first: 1000, longest: 8000 };
/** By so much the first look may have found too many. */
const MARGIN = 1.5;

/** One page of the list. */
export async function searchReaders(
  db: Db | Tx,
  selection: ReaderSelection,
  { limit, ...start }: PageStart,
  looks = LOOKS,
): Promise<ReaderPage> {
  const page = { ...start, limit: limit + 1 };
  const near = await searchNear(db, selection, page, looks);
  const { rows, matching } = near ?? (await searchEverywhere(db, selection, page));
  const isFirst = start.after === undefined && start.before === undefined;
  const known: Matching =
    near === undefined || near.isAll
      ? { kind: 'exact', count: matching }
      : { kind: 'sampled', of: near.looked, count: matching };
  return { ...cut(rows, limit, start), matching: isFirst ? known : undefined };
}

/** Undefined: among the next there are too few who fit. */
async function searchNear(
  db: Db | Tx,
  selection: ReaderSelection,
  page: PageStart,
  { first, longest }: typeof LOOKS,
): Promise<(FoundRows & { isAll: boolean }) | undefined> {
  const found = await searchNext(db, selection, page, first);
  const isAll = found.looked < first;
  if (isAll || found.matching >= page.limit) return { ...found, isAll };
  const needed = Math.ceil((first * page.limit * MARGIN) / found.matching);
  if (needed > longest) return undefined;
  return searchNear(db, selection, page, { first: needed, longest: 0 });
}

/** One row more than a page says that there is another page on that side; on the other side is where she came from. */
function cut(rows: ListedReader[], limit: number, { after, before }: Omit<PageStart, 'limit'>) {
  const hasMore = rows.length > limit;
  const isUp = before !== undefined;
  const shown = !hasMore ? rows : isUp ? rows.slice(1) : rows.slice(0, limit);
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    rows: shown,
    older: (isUp || hasMore) && last !== undefined ? placeOf(last) : null,
    newer: (isUp ? hasMore : after !== undefined) && first !== undefined ? placeOf(first) : null,
  };
}

function placeOf({ joined, id }: ListedReader): ReaderPlace {
  return { joined, id };
}
