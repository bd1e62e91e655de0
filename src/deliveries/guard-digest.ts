import { admitReaders, type Admission } from '../digests/admit.js';
import type { Due, Mailing } from '../digests/due.js';
import { firstHeldArticle } from '../digests/reads.js';
import type { Db, Tx } from '../platform/db/database.js';
import type { Cadence, Publication } from '../publications/publication.js';
import type { Subscription } from '../subscribers/subscription.js';

/** Where a reader is left who has to wait, as `advance` takes it. */
export type Waiting = { id: string; watermark: number; nextDueAt: Date | null };

/** What is looked at of a reader. */
type Reader = Pick<Subscription, 'id' | 'cadence' | 'watermark' | 'nextDueAt'>;

export type Guarded<Each extends Reader> = {
  /** What may be joined now. */
  due: ReadonlyMap<Each, Due>;
  /** Readers whose digest is held: where they are left instead of being moved on. */
  waiting: Map<string, Waiting>;
  /** Readers whose digest of this period was cancelled: they keep their articles for the next one. */
  refused: Set<string>;
};

/** A reader of each article whose articles came all at once waits for the daily digest, and is looked at again then. */
const LOOK_AGAIN_MS = 15 * 60_000;

/**
 * Takes out of what is due to a chunk of readers what no reader may join: held digests, which leave their readers as they
 * are, and cancelled ones. Digests that nobody has asked about yet are looked at, and begun or held.
 */
export async function guardDigests<Each extends Reader>(
  tx: Tx,
  { publicationId, keyId }: { publicationId: string; keyId: string },
  due: ReadonlyMap<Each, Due>,
  now: Date,
): Promise<Guarded<Each>> {
  const admissions = await admitAll(tx, { publicationId, keyId }, due, now);
  const open = new Map<Each, Due>();
  const guarded: Guarded<Each> = { due: open, waiting: new Map(), refused: new Set() };
  if ([...admissions.values()].every((admission) => admission === 'open')) return { ...guarded, due };
  for (const [reader, { mailings, nextDueAt }] of due) {
    const stop = mailings.findIndex((mailing) => admissions.get(keyOf(mailing)) === 'held');
    const reached = stop === -1 ? mailings : mailings.slice(0, stop);
    const rest = reached.filter((mailing) => admissions.get(keyOf(mailing)) !== 'cancelled');
    open.set(reader, { mailings: rest, nextDueAt });
    const held = mailings[stop];
    if (held !== undefined) guarded.waiting.set(reader.id, whereLeft(reader, held, now));
    else if (reached.some((mailing) => mailing.cadence !== 'instant' && !rest.includes(mailing)))
      guarded.refused.add(reader.id);
  }
  return guarded;
}

/** Instant readers are planned up to here: what comes after a held article waits behind it. */
export async function instantReach(
  db: Db | Tx,
  { id, lastSeq }: Pick<Publication, 'id' | 'lastSeq'>,
): Promise<number> {
  const held = await firstHeldArticle(db, id);
  return held === undefined ? lastSeq : Math.min(lastSeq, held - 1);
}

async function admitAll(
  tx: Tx,
  digest: { publicationId: string; keyId: string },
  due: ReadonlyMap<Reader, Due>,
  now: Date,
): Promise<Map<string, Admission>> {
  const mailings = new Map(
    [...due.values()].flatMap((each) => each.mailings.map((one) => [keyOf(one), one])),
  );
  const admissions = new Map<string, Admission>();
  // In key order, so that two planners lock the digests they share in the same order.
  for (const [key, { cadence, period, closesAt }] of [...mailings].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (cadence === 'operator') continue;
    admissions.set(key, await admitReaders(tx, { ...digest, cadence, period, closesAt }, now));
  }
  return admissions;
}

/** Before the held article she has had everything; before a held period she stays where she was. */
function whereLeft({ id, cadence, watermark, nextDueAt }: Reader, held: Mailing, now: Date): Waiting {
  if (held.cadence === 'instant') return { id, watermark: Number(held.period) - 1, nextDueAt };
  const lookAgain = new Date(now.getTime() + LOOK_AGAIN_MS);
  return { id, watermark, nextDueAt: cadence === 'instant' ? lookAgain : nextDueAt };
}

function keyOf({ cadence, period }: { cadence: Cadence | 'operator'; period: string }): string {
  return `${cadence} ${period}`;
}
