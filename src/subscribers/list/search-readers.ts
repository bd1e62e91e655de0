import type { Db, Tx } from '../../platform/db/database.js';
import {
  searchEverywhere,
  searchNext,
  type ListedReader,
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
 * What most of the newest readers fit is found among these: in a list of millions that is a few milliseconds. What few of them
 * fit has few rows in all, so those are found by their own indexes.
 */
const LOOKED_AT = 10_000;

/** One page of the list. */
export async function searchReaders(
  db: Db | Tx,
  selection: ReaderSelection,
  { limit, ...start }: PageStart,
): Promise<ReaderPage> {
  const page = { ...start, limit: limit + 1 };
  const near = await searchNext(db, selection, page, LOOKED_AT);
  const isAll = near.looked < LOOKED_AT;
  const isNear = isAll || near.matching > limit;
  const { rows, matching } = isNear ? near : await searchEverywhere(db, selection, page);
  const isFirst = start.after === undefined && start.before === undefined;
  const known: Matching =
    isNear && !isAll
      ? { kind: 'sampled', of: near.looked, count: matching }
      : { kind: 'exact', count: matching };
  return { ...cut(rows, limit, start), matching: isFirst ? known : undefined };
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
