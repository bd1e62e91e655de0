import { releaseDueArticles } from '../../articles/release/release-due.js';
import { endInstantPlanning } from '../../digests/open/join-digest.js';
import { listHeldCadences } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { recordInstantPlanned } from '../../publications/article-numbers.js';
import { cadences, sendsDigests } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { advanceWatermarks } from '../../subscribers/due/advance-watermarks.js';
import {
  listPublicationsWithReadersDue,
  listReadersDue,
  lockInstantReadersBehind,
  lockReadersDue,
  lockReadersDueAfter,
} from '../../subscribers/due/reads.js';
import type { Reader } from '../../subscribers/subscription.js';
import { CHUNK_SIZE } from '../chunks.js';
import { instantPlanningLimit } from './guard-digests.js';
import { beginPlanningPass, planReaders, type PlanningPass } from './plan-readers.js';
import {
  readersWithIds,
  readersById,
  forEachReaderChunk,
  type NextReaderChunk,
} from './for-each-reader-chunk.js';

type PlanContext = Pick<Context, 'db' | 'now' | 'links' | 'log' | 'templates'>;

/**
 * Plans every instant reader of a publication for what has been released. A pass that dies half-way is begun again by
 * the next one, which finds the readers it did move on already behind them.
 */
export async function planInstant(context: PlanContext, publicationId: string): Promise<void> {
  const { db, now } = context;
  const publication = await findPublication(db, publicationId);
  if (publication === undefined || !sendsDigests(publication)) return;
  const seq = await instantPlanningLimit(db, publication);
  const pass = beginPlanningPass(context);
  const run = await beginIsolatedRun(context, 'plan-instant', { publicationId });
  const next = readersById((tx, after) =>
    lockInstantReadersBehind(tx, { publicationId, seq, after, limit: CHUNK_SIZE }),
  );
  await forEachReaderChunk(db, run, next, (tx, readers) => planReaders(tx, pass, publication, readers));
  await db.transaction(async (tx) => {
    // One of them may have been held since: who waits for it is not planned.
    const reached = Math.min(seq, await instantPlanningLimit(tx, publication));
    await recordInstantPlanned(tx, publicationId, reached);
    await endInstantPlanning(tx, publicationId, reached, now());
  });
}

/**
 * Plans the readers whose hour has come by now, whatever their cadence. What was to be released before it is released first:
 * after an outage an article and the hour of its readers are late together, and whoever found nothing to read would wait
 * for her next week or month.
 */
export async function planDue(context: PlanContext): Promise<void> {
  const pass = beginPlanningPass(context);
  const { unreleased, error } = await releaseForDueReaders(context, pass.calendar.now);
  const run = await beginIsolatedRun(context, 'plan-due');
  const next = await nextDueReaders(context, pass.calendar.now, unreleased);
  await forEachReaderChunk(context.db, run, next, async (tx, readers) => {
    for (const [publicationId, group] of groupByPublication(readers))
      await planOrClearDue(tx, pass, publicationId, group);
  });
  if (unreleased.length > 0) throw error;
}

/** What cannot be released keeps only the readers of its own publication waiting. */
async function releaseForDueReaders(
  context: PlanContext,
  now: Date,
): Promise<{ unreleased: string[]; error?: unknown }> {
  const unreleased: string[] = [];
  let error: unknown;
  for (const { publicationId } of await listPublicationsWithReadersDue(context.db, now)) {
    try {
      await releaseDueArticles(context, publicationId);
    } catch (reason) {
      unreleased.push(publicationId);
      error ??= reason;
    }
  }
  return { unreleased, error };
}

/** Due at once, above which all subscriptions are read in id order, as they lie, and not each where its hour points. */
const MAX_READERS_BY_ID = 20_000;

async function nextDueReaders(
  { db }: Pick<Context, 'db'>,
  now: Date,
  unreleased: readonly string[],
): Promise<NextReaderChunk> {
  const waiting = unreleased.flatMap((publicationId) =>
    cadences.map((cadence) => ({ publicationId, cadence })),
  );
  const due = { now, except: [...(await listHeldCadences(db)), ...waiting] };
  const ids = await listReadersDue(db, due, MAX_READERS_BY_ID);
  if (ids.length === MAX_READERS_BY_ID)
    return readersById((tx, after) => lockReadersDueAfter(tx, after, due, CHUNK_SIZE));
  return readersWithIds(ids, (tx, chunk) => lockReadersDue(tx, chunk, due));
}

/**
 * An archived publication sends nothing: its readers are not due again. Before one is live its readers' hours pass, and they
 * stay where they are.
 */
async function planOrClearDue(
  tx: Tx,
  pass: PlanningPass,
  publicationId: string,
  readers: readonly Reader[],
): Promise<void> {
  const publication = await findPublication(tx, publicationId);
  if (publication !== undefined && sendsDigests(publication))
    return planReaders(tx, pass, publication, readers);
  const isOver = publication === undefined || publication.archivedAt !== null;
  const nextDueAt = (reader: Reader) =>
    isOver || reader.cadence === 'instant' ? null : pass.calendar.nextDueAfterPeriod(reader);
  return advanceWatermarks(
    tx,
    readers.map((reader) => ({ id: reader.id, watermark: reader.watermark, nextDueAt: nextDueAt(reader) })),
  );
}

/** In id order, so that two planners lock the digests they share in the same order. */
function groupByPublication(readers: readonly Reader[]): [id: string, readers: Reader[]][] {
  const groups = new Map<string, Reader[]>();
  for (const reader of readers) {
    const group = groups.get(reader.publicationId);
    if (group === undefined) groups.set(reader.publicationId, [reader]);
    else group.push(reader);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
