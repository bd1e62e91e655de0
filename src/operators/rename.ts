import type { Context } from '../platform/context.js';
import { updateName } from './account-writes.js';
import { recordActivity } from './activity/record-activity.js';

/** @param name null: none */
export function renameOperator(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  id: string,
  name: string | null,
): Promise<void> {
  return context.db.transaction(async (tx) => {
    if ((await updateName(tx, id, name)) === 0) return;
    await recordActivity(tx, context, { kind: 'operator.renamed', publicationId: null, subjectId: id });
  });
}
