import { recordActivities, type Change } from '../../operators/activity/record-activity.js';
import { bySystem } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import { findPublication } from '../../publications/reads.js';
import type { Cadence } from '../../publications/publication.js';
import { readReaderCounts } from '../../subscribers/counts/reads.js';
import { computeExpiry, DEFAULT_ORDER, type Digest, type DigestState } from '../digest.js';
import { startSending } from '../change-state.js';
import type { Draft } from '../drafts/draft.js';
import { recordMissed, useDraft, wordsOf } from '../drafts/use-draft.js';
import { findHoldReasons } from './hold-rules.js';
import { findDigestOfPeriod, findLastReaderCount } from './reads.js';
import { insertDigest, transferApproval, type DigestKey } from './writes.js';

/**
 * Whether readers may join a digest of their rhythm. 'held': they wait where they are. 'cancelled': this period is over
 * for them, and their articles come with the next.
 */
export type PlanningStatus = 'open' | 'held' | 'cancelled';

type RequestedDigest = {
  publicationId: string;
  cadence: Cadence;
  period: string;
  closesAt: Date | null;
  keyId: string;
  /** What is written for it, if it is made now. */
  draft?: Draft | undefined;
};

/**
 * Asked before readers join a digest. The first to ask makes it, and it is held when something about it is unusual: then
 * nobody is planned and no watermark moves until an operator approves or cancels it. Its row is not locked: any number of
 * planners ask at once, and each reads the state again when its readers have joined (`recordBatchJoined`).
 */
export async function openDigest(
  tx: Tx,
  requested: RequestedDigest,
  now: Date,
): Promise<{ id: string; status: PlanningStatus }> {
  const known = await findDigestOfPeriod(tx, requested);
  if (known === undefined) await insertDigestOfPeriod(tx, requested, now);
  const { id, state } = known ?? (await requireDigestOfPeriod(tx, requested));
  if (state === 'approved') await startSending(tx, id, now);
  return { id, status: planningStatusOf(state) };
}

/** @throws when nobody has opened it */
export async function requireDigestOfPeriod(tx: Tx, key: DigestKey): Promise<Pick<Digest, 'id' | 'state'>> {
  const digest = await findDigestOfPeriod(tx, key);
  if (digest === undefined) throw new Error(`There is no digest for ${key.cadence} ${key.period}`);
  return digest;
}

/** An approval that no reader has used covers this one: its period passed while it waited. */
async function insertDigestOfPeriod(tx: Tx, requested: RequestedDigest, now: Date): Promise<void> {
  const { draft, ...key } = requested;
  const { publicationId, cadence, closesAt } = key;
  const readers = (await readReaderCounts(tx, publicationId)).byCadence[cadence];
  const superseded = await transferApproval(tx, requested);
  const isApproved = superseded.length > 0;
  const before = await findLastReaderCount(tx, { publicationId, cadence });
  const publication = await findPublication(tx, publicationId);
  const holdReasons =
    isApproved || publication === undefined ? [] : findHoldReasons(publication, readers, before, draft);
  const state = holdReasons.length === 0 ? ('sending' as const) : ('held' as const);
  const counts = { readers, readersBefore: before ?? null };
  const times = { expiresAt: computeExpiry(closesAt, now), sendAt: null };
  const words = draft === undefined || draft.state === 'draft' ? {} : wordsOf(draft.content);
  const order = { ...DEFAULT_ORDER, ...words, ...key, ...counts, ...times };
  const opened = await insertDigest(tx, { ...order, state, holdReasons }, now);
  const replaced = superseded.map(({ id }) => ({
    kind: 'digest.superseded' as const,
    publicationId,
    subjectId: id,
    after: { by: requested.period },
  }));
  await recordActivities(tx, bySystem(now), [
    ...replaced,
    ...(opened === undefined ? [] : openingOf({ ...key, ...opened, readers, holdReasons })),
  ]);
  if (opened === undefined || draft === undefined) return;
  if (draft.state !== 'draft') await useDraft(tx, draft, opened.id, now);
  else if (!holdReasons.includes('draft')) await recordMissed(tx, draft, opened.id, now);
}

/** That it was opened, and that it is held where it is. */
function openingOf(
  digest: Pick<Digest, 'id' | 'publicationId' | 'cadence' | 'period' | 'readers' | 'holdReasons'>,
): Change[] {
  const { id: subjectId, publicationId, cadence, period, readers, holdReasons: reasons } = digest;
  const subject = { publicationId, subjectId };
  const opened: Change = { kind: 'digest.opened', ...subject, after: { cadence, period, readers } };
  return reasons.length === 0
    ? [opened]
    : [opened, { kind: 'digest.held', ...subject, after: { reasons, readers } }];
}

function planningStatusOf(state: DigestState): PlanningStatus {
  switch (state) {
    case 'held':
      return 'held';
    case 'cancelled':
      return 'cancelled';
    case 'approved':
    case 'sending':
    case 'paused':
    case 'closed':
      return 'open';
  }
}
