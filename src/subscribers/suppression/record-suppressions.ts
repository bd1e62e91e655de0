import { recordActivities } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { ChangedSuppression } from './writes.js';

/**
 * Records suppressions that were made or lifted. An address is in none of it, nor its hash.
 * @param note an operator's words, without addresses
 */
export function recordSuppressions(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  change: 'added' | 'lifted',
  suppressions: readonly (ChangedSuppression & { domain?: string | null })[],
  note?: string,
): Promise<void> {
  const changes = suppressions.map(({ id: subjectId, publicationId, reason, domain }) => {
    const payload = {
      reason,
      everywhere: publicationId === null,
      ...(typeof domain === 'string' && { domain }),
      ...(note !== undefined && { note }),
    };
    return change === 'added'
      ? { kind: 'suppression.added' as const, publicationId, subjectId, after: payload }
      : { kind: 'suppression.lifted' as const, publicationId, subjectId, before: payload };
  });
  return recordActivities(tx, context, changes);
}
