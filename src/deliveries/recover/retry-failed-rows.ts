import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { retryFailedRowsNow } from '../../platform/jobs/failed-rows.js';

/**
 * An operator has what is left out of a publication tried again with the next run of its jobs.
 * @returns how many rows
 */
export function retryFailedRows(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publicationId: string,
): Promise<number> {
  return context.db.transaction(async (tx) => {
    const count = await retryFailedRowsNow(tx, publicationId, context.now());
    if (count === 0) return 0;
    const subject = { publicationId, subjectId: publicationId };
    await recordActivity(tx, context, { kind: 'failed-rows.retried', ...subject, after: { count } });
    return count;
  });
}
