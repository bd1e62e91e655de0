import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Cadence } from '../../publications/publication.js';
import { EMPTY_CONTENT, withChange, type Draft, type DraftChange } from './draft.js';
import { findDraft, findOpenDraft } from './reads.js';
import { insertDraft, insertVersion } from './writes.js';

/** Which digest it is for: `cadence` null: none, it is an email of its own; `period` null: the next of the rhythm. */
export type DraftTarget = { cadence: Cadence | null; period: string | null; closesAt: Date | null };

/** `known`: somebody is writing for that digest; nothing was made. */
export type DraftWritten = { kind: 'written' | 'known'; draft: Draft };

/** Begins a draft. There is one at a time for each digest. */
export function writeDraft(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publicationId: string,
  target: DraftTarget,
  change: DraftChange = {},
): Promise<DraftWritten> {
  const { db, now } = context;
  const { cadence, period } = target;
  const content = withChange(EMPTY_CONTENT, change);
  return db.transaction(async (tx) => {
    const made = await insertDraft(tx, { ...target, publicationId, content }, now());
    if (made === undefined) {
      if (cadence === null) throw new Error('An email of its own could not be begun');
      const draft = await findOpenDraft(tx, { publicationId, cadence, period });
      if (draft === undefined) throw new Error('The draft of this digest was used a moment ago');
      return { kind: 'known', draft };
    }
    await insertVersion(tx, { id: made.id, version: 1, content }, now());
    await recordActivity(tx, context, {
      kind: 'draft.written',
      publicationId,
      subjectId: made.id,
      after: { cadence, period },
    });
    const draft = await findDraft(tx, made.id);
    if (draft === undefined) throw new Error('A draft was written and is not there');
    return { kind: 'written', draft };
  });
}
