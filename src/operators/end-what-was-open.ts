import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { deleteSessionsOf, withdrawInvitationsBeyond } from './account-writes.js';
import { recordActivities } from './activity/record-activity.js';

/**
 * After an operator's rights have changed: she is signed out everywhere, and invitations of hers to what she could not invite to
 * now work no more.
 */
export async function endWhatWasOpen(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  operatorId: string,
): Promise<void> {
  await deleteSessionsOf(tx, operatorId);
  const withdrawn = await withdrawInvitationsBeyond(tx, operatorId, context.now());
  await recordActivities(
    tx,
    context,
    withdrawn.map(({ id: subjectId, publicationId }) => ({
      kind: 'invitation.withdrawn',
      publicationId,
      subjectId,
    })),
  );
}
