import type { Db, Tx } from '../../platform/db/database.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import type { IsolatedRun } from '../../platform/jobs/isolated-run.js';
import type { Reader } from '../../subscribers/subscription.js';
import { LOWEST_ID, CHUNK_SIZE } from '../chunks.js';
import { createFaultCounts, type PlanChunk } from './fault-counts.js';

/** Readers that were locked, and how the same ones are locked once more in another transaction. */
export type ReaderChunk = { readers: readonly Reader[]; lockAgain: (tx: Tx) => Promise<readonly Reader[]> };

/** Locks the next chunk of readers; undefined when there are no more. Asked by one transaction at a time. */
export type NextReaderChunk = (tx: Tx) => Promise<ReaderChunk | undefined>;

/** Chunks in flight: while Postgres writes one, the next is read and worked out. */
const CONCURRENT_CHUNKS = 2;

/**
 * Goes through readers, each chunk in a transaction of its own. A reader who cannot be planned is left out and recorded,
 * and one who could not be before is left alone until she is to be tried again. When a chunk fails for another reason, those
 * in flight are finished, no other is begun, and the first error is thrown.
 * @returns the readers left out, with the time when each is tried again
 */
export async function forEachReaderChunk(
  db: Db,
  run: IsolatedRun,
  next: NextReaderChunk,
  plan: PlanChunk,
): Promise<{ retryAt: Date | null }[]> {
  const walk = { isOver: false, turn: Promise.resolve<unknown>(undefined) };
  const failed: { retryAt: Date | null }[] = [];
  const counts = createFaultCounts();
  const takeTurn = (tx: Tx) => {
    const chunk = walk.turn.then(() => next(tx));
    walk.turn = chunk;
    return chunk;
  };
  const runChunk = async () => {
    let known: ReaderChunk | undefined;
    const lock = async (tx: Tx) => {
      const chunk = known === undefined ? await takeTurn(tx) : await lockOnceMore(tx, known);
      if (chunk === undefined) walk.isOver = true;
      known = chunk;
      return (chunk?.readers ?? []).filter(
        ({ id, publicationId }) =>
          !run.waiting.has(id) && !run.waiting.has(publicationId) && !counts.isLeftOut(publicationId),
      );
    };
    const { failures } = await workOnRows(db, { lock, work: counts.counted(plan) });
    for (const { row, error } of failures) {
      const { id, publicationId } = row;
      const faulty = counts.isLeftOut(publicationId)
        ? { kind: 'publication' as const, rowId: publicationId }
        : { kind: 'subscription' as const, rowId: id };
      if (!counts.isRecorded(faulty.rowId)) failed.push(await run.fail({ ...faulty, publicationId }, error));
    }
  };
  const runChunks = async () => {
    try {
      while (!walk.isOver) await runChunk();
    } finally {
      walk.isOver = true;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: CONCURRENT_CHUNKS }, runChunks));
  const rejected = ends.find((end) => end.status === 'rejected');
  if (rejected !== undefined) throw rejected.reason;
  await run.finish();
  return failed;
}

async function lockOnceMore(tx: Tx, { lockAgain }: ReaderChunk): Promise<ReaderChunk> {
  return { readers: await lockAgain(tx), lockAgain };
}

/** In id order, until nobody is left. */
export function readersById(lockAfter: (tx: Tx, after: string) => Promise<Reader[]>): NextReaderChunk {
  let after: string | undefined = LOWEST_ID;
  return async (tx) => {
    if (after === undefined) return undefined;
    const from = after;
    const readers = await lockAfter(tx, from);
    after = readers.at(-1)?.id;
    return after === undefined ? undefined : { readers, lockAgain: (again) => lockAfter(again, from) };
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
    return { readers: await lock(tx, chunk), lockAgain: (again) => lock(again, chunk) };
  };
}
