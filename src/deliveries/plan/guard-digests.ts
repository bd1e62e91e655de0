import { openDigest, type PlanningStatus } from '../../digests/open/open-digest.js';
import type { Due, DueDigest } from '../../digests/calendar/due.js';
import { digestKey } from '../../digests/drafts/digest-edits.js';
import type { Draft } from '../../digests/drafts/draft.js';
import { findFirstHeldSeq } from '../../digests/reads.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { MINUTE_MS } from '../../platform/durations.js';
import type { Publication } from '../../publications/publication.js';
import type { Subscription } from '../../subscribers/subscription.js';

/** What becomes of a reader who has to wait, as `advanceWatermarks` takes it. */
export type HeldReader = { id: string; watermark: number; nextDueAt: Date | null };

type Reader = Pick<Subscription, 'id' | 'cadence' | 'watermark' | 'nextDueAt'>;

export type GuardResult<Each extends Reader> = {
  /** What may be joined now. */
  due: ReadonlyMap<Each, Due>;
  /** Readers whose digest is held: where they stay instead of being advanced. */
  held: Map<string, HeldReader>;
  /** Readers whose digest of this period was cancelled: they keep their articles for the next one. */
  cancelled: Set<string>;
};

/** An instant reader whose articles came all at once waits for the daily digest, and is planned again after this. */
const HELD_RECHECK_MS = 15 * MINUTE_MS;

/** `drafts`: what is written for those that are made now, by `digestKey`. */
type OpenedDigests = {
  publicationId: string;
  keyId: string;
  drafts?: ReadonlyMap<string, Draft> | undefined;
};

/**
 * Removes digests that no reader may join from what is due to a chunk of readers: held ones, which leave their readers as
 * they are, and cancelled ones. A digest's first reader opens it: by the hold rules it begins to be sent, or is held.
 */
export async function guardDigests<Each extends Reader>(
  tx: Tx,
  { publicationId, keyId, drafts }: OpenedDigests,
  due: ReadonlyMap<Each, Due>,
  now: Date,
): Promise<GuardResult<Each>> {
  const statuses = await openDigests(tx, { publicationId, keyId, drafts }, due, now);
  const open = new Map<Each, Due>();
  const guarded: GuardResult<Each> = { due: open, held: new Map(), cancelled: new Set() };
  if ([...statuses.values()].every((status) => status === 'open')) return { ...guarded, due };
  for (const [reader, { digests, nextDueAt }] of due) {
    const stop = digests.findIndex((dueDigest) => statuses.get(digestKey(dueDigest)) === 'held');
    const reached = stop === -1 ? digests : digests.slice(0, stop);
    const rest = reached.filter((dueDigest) => statuses.get(digestKey(dueDigest)) !== 'cancelled');
    open.set(reader, { digests: rest, nextDueAt });
    const held = digests[stop];
    if (held !== undefined) guarded.held.set(reader.id, heldPosition(reader, held, now));
    else if (reached.some((dueDigest) => dueDigest.cadence !== 'instant' && !rest.includes(dueDigest)))
      guarded.cancelled.add(reader.id);
  }
  return guarded;
}

/** Instant readers are planned up to here: what comes after a held article waits behind it. */
export async function instantPlanningLimit(
  db: Db | Tx,
  { id, lastSeq }: Pick<Publication, 'id' | 'lastSeq'>,
): Promise<number> {
  const held = await findFirstHeldSeq(db, id);
  return held === undefined ? lastSeq : Math.min(lastSeq, held - 1);
}

async function openDigests(
  tx: Tx,
  { drafts, ...digest }: OpenedDigests,
  due: ReadonlyMap<Reader, Due>,
  now: Date,
): Promise<Map<string, PlanningStatus>> {
  const dueDigests = new Map(
    [...due.values()].flatMap((each) => each.digests.map((one) => [digestKey(one), one])),
  );
  const statuses = new Map<string, PlanningStatus>();
  // In key order, so that two planners lock the digests they share in the same order.
  for (const [key, { cadence, period, closesAt }] of [...dueDigests].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    if (cadence === 'operator') continue;
    const requested = { ...digest, cadence, period, closesAt, draft: drafts?.get(key) };
    statuses.set(key, (await openDigest(tx, requested, now)).status);
  }
  return statuses;
}

/** Before the held article she has had everything; before a held period she stays where she was. */
function heldPosition({ id, cadence, watermark, nextDueAt }: Reader, held: DueDigest, now: Date): HeldReader {
  if (held.cadence === 'instant') return { id, watermark: Number(held.period) - 1, nextDueAt };
  const recheckAt = new Date(now.getTime() + HELD_RECHECK_MS);
  return { id, watermark, nextDueAt: cadence === 'instant' ? recheckAt : nextDueAt };
}
