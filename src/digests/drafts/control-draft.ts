import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { joinTransaction } from '../../platform/db/join-transaction.js';
import type { Tx } from '../../platform/db/database.js';
import { approveDigest, cancelDigest } from '../change-state.js';
import { NO_WORDS } from '../digest.js';
import { isEmpty, OPEN_STATES, type Draft } from './draft.js';
import { lockWithOthers } from './lock-draft.js';
import { findWaitingDigest } from './reads.js';
import { useDraft, wordsOf } from './use-draft.js';
import type { DraftTarget } from './write-draft.js';
import { replaceLeftOut, updateDigestWords, updateDraftState, updateTarget } from './writes.js';

type ControlContext = Pick<Context, 'db' | 'now' | 'actor'>;

/** `changed-meanwhile`: it has another version than was looked at. `over`: its state does not allow it any more. */
export type DraftRefused =
  | { kind: 'changed-meanwhile' | 'over'; draft: Draft }
  | { kind: 'empty'; draft: Draft }
  | { kind: 'unknown' };

export type DraftApproved = { kind: 'approved'; draft: Draft; digestId: string | null } | DraftRefused;

/**
 * draft -> approved, for a rhythm's digest: the next has it. One that waits for an operator, and that nobody was planned for,
 * has it at once, and goes if these words were all it waited for.
 * @param version that was looked at
 */
export function approveDraft(context: ControlContext, id: string, version: number): Promise<DraftApproved> {
  return decide(context, id, version, async (tx, draft) => {
    if (draft.cadence === null || draft.state !== 'draft') return { kind: 'over', draft };
    if (isEmpty(draft.content)) return { kind: 'empty', draft };
    const now = context.now();
    await updateDraftState(tx, draft, { by: 'approve', to: 'approved' }, now);
    const { publicationId, id: subjectId } = draft;
    const after = { version };
    await recordActivity(tx, context, { kind: 'draft.approved', publicationId, subjectId, after });
    return { kind: 'approved', draft, digestId: await joinWaitingDigest(tx, context, draft) };
  });
}

/** Null: none waits for it. */
async function joinWaitingDigest(tx: Tx, context: ControlContext, draft: Draft): Promise<string | null> {
  const waiting = await findWaitingDigest(tx, draft);
  if (waiting === undefined || (await updateDigestWords(tx, waiting.id, wordsOf(draft.content))) === 0)
    return null;
  await useDraft(tx, draft, waiting.id, context.now());
  if (waiting.holdReasons.every((reason) => reason === 'draft') && waiting.holdReasons.length > 0)
    await approveDigest({ ...context, db: joinTransaction(context.db, tx) }, waiting.id);
  return waiting.id;
}

export type DraftTakenBack =
  | { kind: 'taken-back'; draft: Draft }
  | { kind: 'begun'; draft: Draft }
  | DraftRefused;

/**
 * approved or used -> draft, while nobody was planned for its digest: that one has no words any more, and an order of an email
 * of its own is cancelled.
 */
export function takeDraftBack(context: ControlContext, id: string, version: number): Promise<DraftTakenBack> {
  return decide(context, id, version, async (tx, draft) => {
    const { publicationId, digestId } = draft;
    if (draft.state !== 'approved' && draft.state !== 'used') return { kind: 'over', draft };
    if (digestId !== null && !(await emptyDigest(tx, context, draft, digestId)))
      return { kind: 'begun', draft };
    await updateDraftState(tx, draft, { by: 'take-back', to: 'draft' }, context.now());
    const before = { digestId };
    await recordActivity(tx, context, { kind: 'draft.taken-back', publicationId, subjectId: id, before });
    return { kind: 'taken-back', draft };
  });
}

/** False: it has begun. */
async function emptyDigest(
  tx: Tx,
  context: ControlContext,
  { cadence }: Draft,
  digestId: string,
): Promise<boolean> {
  if ((await updateDigestWords(tx, digestId, { ...NO_WORDS, articleChoices: [] })) === 0) return false;
  await replaceLeftOut(tx, digestId, { articleChoices: [] });
  if (cadence !== null) return true;
  const cancelled = await cancelDigest({ ...context, db: joinTransaction(context.db, tx) }, digestId);
  return cancelled.kind === 'done' || cancelled.kind === 'already';
}

export type DraftDiscarded = { kind: 'discarded'; draft: Draft } | DraftRefused;

/** draft or approved -> discarded, for good. */
export function discardDraft(context: ControlContext, id: string, version: number): Promise<DraftDiscarded> {
  return decide(context, id, version, async (tx, draft) => {
    if (!OPEN_STATES.includes(draft.state)) return { kind: 'over', draft };
    await updateDraftState(tx, draft, { by: 'discard', to: 'discarded' }, context.now());
    const { publicationId } = draft;
    await recordActivity(tx, context, { kind: 'draft.discarded', publicationId, subjectId: id });
    return { kind: 'discarded', draft };
  });
}

/** `taken`: somebody writes for that digest. */
export type DraftMoved = { kind: 'moved'; draft: Draft } | { kind: 'taken'; draft: Draft } | DraftRefused;

/** It is for another digest, or an email of its own; an approval stays, of the words. */
export function moveDraft(
  context: ControlContext,
  id: string,
  version: number,
  target: DraftTarget,
): Promise<DraftMoved> {
  return decide(context, id, version, async (tx, draft) => {
    if (draft.state !== 'draft') return { kind: 'over', draft };
    if ((await updateTarget(tx, { id, ...target }, context.now())) === 0) return { kind: 'taken', draft };
    const { publicationId, cadence, period } = draft;
    await recordActivity(tx, context, {
      kind: 'draft.moved',
      publicationId,
      subjectId: id,
      before: { cadence, period },
      after: { cadence: target.cadence, period: target.period },
    });
    return { kind: 'moved', draft };
  });
}

/** Only of the version that was looked at. */
function decide<Result>(
  { db }: ControlContext,
  id: string,
  version: number,
  act: (tx: Tx, draft: Draft) => Promise<Result>,
): Promise<Result | DraftRefused> {
  return db.transaction(async (tx) => {
    const draft = await lockWithOthers(tx, id);
    if (draft === undefined) return { kind: 'unknown' as const };
    if (draft.version !== version) return { kind: 'changed-meanwhile' as const, draft };
    return act(tx, draft);
  });
}
