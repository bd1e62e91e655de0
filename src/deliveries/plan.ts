import { noteInstantPlanned } from '../digests/close.js';
import { listHeldKinds } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { notePlannedForInstant } from '../publications/sequence.js';
import { findPublication } from '../publications/reads.js';
import { advance } from '../subscribers/advance.js';
import {
  listReadersDue,
  lockInstantReadersBehind,
  lockReadersDue,
  lockReadersDueAfter,
} from '../subscribers/due-reads.js';
import type { Reader } from '../subscribers/subscription.js';
import { CHUNK } from './chunks.js';
import { instantReach } from './guard-digest.js';
import { beginPass, planReaders, type Pass } from './plan-readers.js';
import { amongIds, byId, walkReaders, type NextReaders } from './walk-readers.js';

type PlanContext = Pick<Context, 'db' | 'now' | 'links'>;

/**
 * Plans every instant reader of a publication for what has been released. A pass that dies half-way is begun again by
 * the next one, which finds the readers it did move on already behind them.
 */
export async function planInstant(context: PlanContext, publicationId: string): Promise<void> {
  const { db, now } = context;
  const publication = await findPublication(db, publicationId);
  if (publication === undefined || publication.archivedAt !== null) return;
  const seq = await instantReach(db, publication);
  const pass = beginPass(context);
  const next = byId((tx, after) => lockInstantReadersBehind(tx, { publicationId, seq, after, limit: CHUNK }));
  await walkReaders(db, next, (tx, readers) => planReaders(tx, pass, publicationId, readers));
  await db.transaction(async (tx) => {
    // One of them may have been held since: who waits for it is not planned.
    const reached = Math.min(seq, await instantReach(tx, publication));
    await notePlannedForInstant(tx, publicationId, reached);
    await noteInstantPlanned(tx, publicationId, reached, now());
  });
}

/** Plans the readers whose hour has come by now, whatever their cadence. */
export async function planDue(context: PlanContext): Promise<void> {
  const pass = beginPass(context);
  const next = await nextDue(context, pass.calendar.now);
  await walkReaders(context.db, next, async (tx, readers) => {
    for (const [publicationId, group] of byPublication(readers))
      await planOrRest(tx, pass, publicationId, group);
  });
}

/** Due at once, above which all subscriptions are read in id order, as they lie, and not each where its hour points. */
const CROWD = 20_000;

async function nextDue({ db }: Pick<Context, 'db'>, now: Date): Promise<NextReaders> {
  const due = { now, except: await listHeldKinds(db) };
  const ids = await listReadersDue(db, due, CROWD);
  if (ids.length === CROWD) return byId((tx, after) => lockReadersDueAfter(tx, after, due, CHUNK));
  return amongIds(ids, (tx, chunk) => lockReadersDue(tx, chunk, due));
}

/** An archived publication sends nothing: its readers are not due again. */
async function planOrRest(
  tx: Tx,
  pass: Pass,
  publicationId: string,
  readers: readonly Reader[],
): Promise<void> {
  const publication = await findPublication(tx, publicationId);
  if (publication?.archivedAt === null) await planReaders(tx, pass, publicationId, readers);
  else
    await advance(
      tx,
      readers.map(({ id, watermark }) => ({ id, watermark, nextDueAt: null })),
    );
}

/** In id order, so that two planners lock the digests they share in the same order. */
function byPublication(readers: readonly Reader[]): [id: string, readers: Reader[]][] {
  const groups = new Map<string, Reader[]>();
  for (const reader of readers) {
    const group = groups.get(reader.publicationId);
    if (group === undefined) groups.set(reader.publicationId, [reader]);
    else group.push(reader);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
