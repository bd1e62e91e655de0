import { noteInstantPlanned } from '../digests/close.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { notePlannedForInstant } from '../publications/sequence.js';
import { findPublication } from '../publications/reads.js';
import { advance } from '../subscribers/advance.js';
import { lockInstantReadersBehind, lockReadersDue } from '../subscribers/reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { BEFORE_ALL, CHUNK } from './chunks.js';
import { planReaders } from './plan-readers.js';

type PlanContext = Pick<Context, 'db' | 'now' | 'links'>;

/**
 * Plans every instant reader of a publication for what has been released. A pass that dies half-way is begun again by
 * the next one, which finds the readers it did move on already behind them.
 */
export async function planInstant({ db, now, links }: PlanContext, publicationId: string): Promise<void> {
  const publication = await findPublication(db, publicationId);
  if (publication === undefined || publication.archivedAt !== null) return;
  const seq = publication.lastSeq;
  for (let after: string | undefined = BEFORE_ALL; after !== undefined;) {
    const from: string = after;
    after = await db.transaction(async (tx) => {
      const readers = await lockInstantReadersBehind(tx, { publicationId, seq, after: from, limit: CHUNK });
      if (readers.length > 0) await planReaders(tx, publicationId, readers, links.keyId, now());
      return readers.at(-1)?.id;
    });
  }
  await db.transaction(async (tx) => {
    await notePlannedForInstant(tx, publicationId, seq);
    await noteInstantPlanned(tx, publicationId, seq, now());
  });
}

/** Plans the readers whose hour has come, whatever their cadence, until none is left. */
export async function planDue({ db, now, links }: PlanContext): Promise<void> {
  for (let planned = CHUNK; planned === CHUNK;) {
    planned = await db.transaction(async (tx) => {
      const readers = await lockReadersDue(tx, now(), CHUNK);
      for (const [publicationId, group] of byPublication(readers)) {
        await planOrRest(tx, publicationId, group, links.keyId, now());
      }
      return readers.length;
    });
  }
}

/** An archived publication sends nothing: its readers are not due again. */
async function planOrRest(
  tx: Tx,
  publicationId: string,
  readers: readonly Subscription[],
  keyId: string,
  now: Date,
): Promise<void> {
  const publication = await findPublication(tx, publicationId);
  if (publication?.archivedAt === null) await planReaders(tx, publicationId, readers, keyId, now);
  else
    await advance(
      tx,
      readers.map(({ id, watermark }) => ({ id, watermark, nextDueAt: null })),
    );
}

/** In id order, so that two planners lock the digests they share in the same order. */
function byPublication(readers: readonly Subscription[]): [id: string, readers: Subscription[]][] {
  const groups = new Map<string, Subscription[]>();
  for (const reader of readers) {
    groups.set(reader.publicationId, [...(groups.get(reader.publicationId) ?? []), reader]);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
