import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { upsertRole } from './account-writes.js';
import { recordActivity } from './activity/record-activity.js';
import type { Role } from './operator.js';
import { findOperatorRole } from './reads.js';

/** Gives a role at a publication, or another in place of the one that is there. False: it is that one already. */
export async function giveRole(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  place: { operatorId: string; publicationId: string; role: Role },
): Promise<boolean> {
  const { operatorId, publicationId, role } = place;
  const before = { role: (await findOperatorRole(tx, operatorId, publicationId))?.role ?? null };
  if ((await upsertRole(tx, place, context.now())) === 0) return false;
  const subject = { publicationId, subjectId: operatorId };
  await recordActivity(tx, context, { kind: 'operator.role-changed', ...subject, before, after: { role } });
  return true;
}
