import { isDeepStrictEqual } from 'node:util';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { OPEN_STATES, type Draft, type DraftChange, type DraftContent } from './draft.js';
import { lockWithOthers } from './lock-draft.js';
import { findDraftVersion } from './reads.js';
import { insertVersion, updateContent } from './writes.js';

type Field = keyof DraftContent;

/** `fields`: those that both changed, to different values. */
export type DraftClash = { fields: Field[]; draft: Draft };

export type DraftChanged =
  /** `byOthers`: what somebody else changed since `version`, and this change left as it is. */
  | { kind: 'changed' | 'same'; draft: Draft; byOthers: Field[] }
  /** Both changed the same: nothing was saved. */
  | ({ kind: 'clash' } & DraftClash)
  /** It is used or discarded. */
  | { kind: 'over'; draft: Draft }
  | { kind: 'unknown' };

/**
 * Saves what was written since a version was read. What somebody else saved meanwhile stays, unless both changed the same
 * field. An approval is taken back: it was of other words.
 * @param seen the version that was read; what it had in the fields of `change` says which of them were changed
 */
export function changeDraft(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  id: string,
  { seen, change }: { seen: number; change: DraftChange },
): Promise<DraftChanged> {
  return context.db.transaction(async (tx) => {
    const draft = await lockWithOthers(tx, id);
    if (draft === undefined) return { kind: 'unknown' };
    if (!OPEN_STATES.includes(draft.state)) return { kind: 'over', draft };
    const base = seen === draft.version ? draft.content : await findDraftVersion(tx, id, seen);
    const merged = merge(base ?? draft.content, change, draft.content, base === undefined);
    if (merged.clashes.length > 0) return { kind: 'clash', fields: merged.clashes, draft };
    const { byOthers } = merged;
    if (merged.fields.length === 0) return { kind: 'same', draft, byOthers };
    return { kind: 'changed', byOthers, draft: await save(tx, context, draft, merged) };
  });
}

type Merged = { content: DraftContent; fields: Field[]; byOthers: Field[]; clashes: Field[] };

/** @param isLost what was read is not kept any more: whatever differs clashes */
function merge(base: DraftContent, change: DraftChange, current: DraftContent, isLost: boolean): Merged {
  const merged: Merged = { content: { ...current }, fields: [], byOthers: [], clashes: [] };
  for (const field of Object.keys(current) as Field[]) {
    const typed = change[field] === undefined ? base[field] : change[field];
    const isOthers = !isDeepStrictEqual(base[field], current[field]);
    const isOwn = change[field] !== undefined && !isDeepStrictEqual(typed, base[field]);
    const isDifferent = !isDeepStrictEqual(typed, current[field]);
    if ((isOwn && isOthers && isDifferent) || (isLost && isOwn)) merged.clashes.push(field);
    else if (isOwn && isDifferent) {
      merged.fields.push(field);
      Object.assign(merged.content, { [field]: typed });
    } else if (isOthers && isDifferent) merged.byOthers.push(field);
  }
  return merged;
}

async function save(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  draft: Draft,
  { content, fields }: Merged,
): Promise<Draft> {
  const now = context.now();
  const { id, publicationId } = draft;
  if ((await updateContent(tx, draft, content, now)) === 0)
    throw new Error(`Draft ${id} changed while its row was locked`);
  const version = draft.version + 1;
  await insertVersion(tx, { id, version, content }, now);
  const after = { version, fields };
  await recordActivity(tx, context, { kind: 'draft.changed', publicationId, subjectId: id, after });
  return { ...draft, state: 'draft', version, content, updatedAt: now };
}
