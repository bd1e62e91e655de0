import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { deleteSessionsOf } from '../account-writes.js';
import { recordActivity } from '../activity/record-activity.js';
import type { CredentialChangeKind } from './credential-change.js';
import { insertCredentialChange } from './writes.js';

/**
 * What follows from a change of what an operator signs in with: her sessions end, since somebody else may have them, and her
 * address is told.
 * @param keepSid the session in which she made the change
 */
export async function afterCredentialChange(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  { operatorId, kind, keepSid }: { operatorId: string; kind: CredentialChangeKind; keepSid?: string },
): Promise<void> {
  await deleteSessionsOf(tx, operatorId, keepSid);
  const { id: changeId } = await insertCredentialChange(tx, operatorId, kind, context.now());
  await enqueue(tx, 'tell-credential-change', { changeId }, context.now());
  await recordActivity(tx, context, {
    kind: 'operator.credentials-changed',
    publicationId: null,
    subjectId: operatorId,
    after: { change: kind },
  });
}
