import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { readReaderCounts } from '../../subscribers/counts/reads.js';
import type { PeriodicCadence } from '../calendar/period.js';
import { readDueCounts } from '../calendar/due-counts.js';
import { holdDigestByOperator, pauseDigestByOperator } from '../change-state.js';
import { computeExpiry, DEFAULT_ORDER, type DigestState } from '../digest.js';
import { findHeldDigest, findDigestOfPeriod, findLastReaderCount } from './reads.js';
import { requireDigestOfPeriod } from './open-digest.js';
import { insertDigest } from './writes.js';

/** `nobody-due`: no reader of the rhythm has an hour that is still to come. `refused`: it is over in this state. */
export type HoldNextResult =
  | { kind: 'held' | 'paused' | 'already'; digestId: string }
  | { kind: 'refused'; digestId: string; state: DigestState }
  | { kind: 'nobody-due' };

type HoldContext = Pick<Context, 'db' | 'now' | 'actor' | 'links'>;

/**
 * Holds the next digest of a rhythm, also one that no reader has opened yet: nobody of the rhythm is planned until an operator
 * lets it go. Of one that is on its way those who have it keep it, and the others wait.
 */
export async function holdNextDigest(
  context: HoldContext,
  publication: Pick<Publication, 'id'>,
  cadence: PeriodicCadence,
): Promise<HoldNextResult> {
  const held = await findHeldDigest(context.db, publication.id, cadence);
  if (held !== undefined) return { kind: 'already', digestId: held.id };
  const next = (await readDueCounts(context, publication.id)).find((due) => due.cadence === cadence);
  if (next === undefined) return { kind: 'nobody-due' };
  const { id, state, isNew } = await openHeld(context, { ...next, publicationId: publication.id });
  if (isNew) return { kind: 'held', digestId: id };
  if (state === 'held' || state === 'paused') return { kind: 'already', digestId: id };
  const stop = state === 'sending' ? pauseDigestByOperator : holdDigestByOperator;
  const stopped = await stop(context, id);
  if (stopped.kind === 'refused') return { kind: 'refused', digestId: id, state: stopped.state };
  if (stopped.kind !== 'done') return { kind: 'already', digestId: id };
  return { kind: state === 'sending' ? 'paused' : 'held', digestId: id };
}

type Period = { publicationId: string; cadence: PeriodicCadence; period: string; closesAt: Date };

/** `isNew`: nobody had opened it, and it is there now, held. */
function openHeld(context: HoldContext, digest: Period) {
  const { db, now, links } = context;
  const { publicationId, cadence, closesAt } = digest;
  return db.transaction(async (tx) => {
    const known = await findDigestOfPeriod(tx, digest);
    if (known !== undefined) return { ...known, isNew: false };
    const readers = (await readReaderCounts(tx, publicationId)).byCadence[cadence];
    const readersBefore = (await findLastReaderCount(tx, { publicationId, cadence })) ?? null;
    const inserted = await insertDigest(
      tx,
      {
        ...DEFAULT_ORDER,
        ...digest,
        state: 'held',
        holdReasons: ['by-hand'],
        readers,
        readersBefore,
        expiresAt: computeExpiry(closesAt, now()),
        sendAt: null,
        keyId: links.keyId,
      },
      now(),
    );
    // A planner was quicker.
    if (inserted === undefined) return { ...(await requireDigestOfPeriod(tx, digest)), isNew: false };
    const after = { reasons: ['by-hand' as const], readers };
    await recordActivity(tx, context, { kind: 'digest.held', publicationId, subjectId: inserted.id, after });
    return { id: inserted.id, state: 'held' as const, isNew: true };
  });
}
