import type { Db, Tx } from '../../platform/db/database.js';
import type { Reader } from '../../subscribers/subscription.js';
import { LOWEST_ID, CHUNK_SIZE } from '../chunks.js';

/** Locks the next chunk of readers; undefined when there are no more. Asked by one transaction at a time. */
export type NextReaderChunk = (tx: Tx) => Promise<readonly Reader[] | undefined>;

/** Chunks in flight: while Postgres writes one, the next is read and worked out. */
const CONCURRENT_CHUNKS = 2;

/**
 * Goes through readers, each chunk in a transaction of its own. When one fails, those in flight are finished, no other
 * is begun, and the first error is thrown.
 */
export async function forEachReaderChunk(
  db: Db,
  next: NextReaderChunk,
  plan: (tx: Tx, readers: readonly Reader[]) => Promise<void>,
): Promise<void> {
  const walk = { isOver: false, turn: Promise.resolve<unknown>(undefined) };
  const takeTurn = (tx: Tx) => {
    const readers = walk.turn.then(() => next(tx));
    walk.turn = readers;
    return readers;
  };
  const chunk = async (tx: Tx) => {
    const readers = await takeTurn(tx);
    if (readers === undefined) walk.isOver = true;
    else if (readers.length > 0) await plan(tx, readers);
  };
  const runChunks = async () => {
    try {
      while (!walk.isOver) await db.transaction(chunk);
    } finally {
      walk.isOver = true;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: CONCURRENT_CHUNKS }, runChunks));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** In id order, until nobody is left. */
export function readersById(lockAfter: (tx: Tx, after: string) => Promise<Reader[]>): NextReaderChunk {
  let after: string | undefined = LOWEST_ID;
  return async (tx) => {
    if (after === undefined) return undefined;
    const readers = await lockAfter(tx, after);
    after = readers.at(-1)?.id;
    return after === undefined ? undefined : readers;
  };
}

/** Those with these ids, in id order. */
export function readersWithIds(
  ids: readonly string[],
  lock: (tx: Tx, ids: string[]) => Promise<Reader[]>,
): NextReaderChunk {
  const sorted = ids.toSorted();
  let from = 0;
  return async (tx) => {
    if (from >= sorted.length) return undefined;
    const chunk = sorted.slice(from, from + CHUNK_SIZE);
    from += CHUNK_SIZE;
    return lock(tx, chunk);
  };
}
