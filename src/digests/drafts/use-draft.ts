import { recordActivity } from '../../operators/activity/record-activity.js';
import { bySystem } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import type { DigestOrder, DigestWords } from '../digest.js';
import type { Draft, DraftContent } from './draft.js';
import { replaceLeftOut, updateDraftState, updateMissed } from './writes.js';

/** What a digest has of a draft. */
export function wordsOf({
  subject,
  preheader,
  note,
  outro,
  articleChoices,
}: DraftContent): DigestWords & Pick<DigestOrder, 'articleChoices'> {
  return { subject, preheader, note, outro, articleChoices };
}

/**
 * approved -> used: a digest was made with it; or used by one whose place another took, which has it now. The caller has locked
 * the drafts of the publication.
 */
export async function useDraft(tx: Tx, draft: Draft, digestId: string, now: Date): Promise<void> {
  const { publicationId, id: subjectId } = draft;
  const by = draft.state === 'used' ? 'inherit' : 'use';
  if ((await updateDraftState(tx, draft, { by, to: 'used', digestId }, now)) === 0)
    throw new Error(`Draft ${subjectId} was changed while its digest was made`);
  if (draft.digestId !== null) await replaceLeftOut(tx, draft.digestId, { articleChoices: [] });
  await replaceLeftOut(tx, digestId, draft.content);
  await recordActivity(tx, bySystem(now), {
    kind: 'draft.used',
    publicationId,
    subjectId,
    after: { digestId },
  });
}

/** A digest began without it, because nobody had approved it. It stays for the next of its rhythm. */
export async function recordMissed(tx: Tx, draft: Draft, digestId: string, now: Date): Promise<void> {
  const { publicationId, id: subjectId } = draft;
  await updateMissed(tx, subjectId, digestId);
  await recordActivity(tx, bySystem(now), {
    kind: 'draft.missed',
    publicationId,
    subjectId,
    after: { digestId },
  });
}
