import { recordActivities, recordActivity } from '../../operators/activity/record-activity.js';
import { bySystem } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { Attack } from './attack.js';
import { findRunningAttack } from './reads.js';
import {
  endAttack,
  endCalmAttacks,
  startOrExtendAttack,
  type EndedAttack,
  type NewAttack,
} from './writes.js';

type ChangeContext = Pick<Context, 'actor' | 'now'>;

/** Begins an attack, or lets a running one go on. That a running one goes on by hand from now on is a change as well. */
export async function beginAttack(tx: Tx, context: ChangeContext, attack: NewAttack): Promise<void> {
  const { publicationId } = attack;
  const before = await findRunningAttack(tx, publicationId);
  const { id: subjectId, cause, isNew } = await startOrExtendAttack(tx, attack, context.now());
  const subject = { publicationId, subjectId };
  if (isNew) return recordActivity(tx, context, { kind: 'attack.started', ...subject, after: { cause } });
  if (before === undefined || before.cause === cause) return;
  const causes = { before: { cause: before.cause }, after: { cause } };
  await recordActivity(tx, context, { kind: 'attack.changed', ...subject, ...causes });
}

/** Ends the attack of a publication by hand. */
export async function endByHand(tx: Tx, context: ChangeContext, publicationId: string): Promise<void> {
  const ended = await endAttack(tx, publicationId, context.now());
  if (ended !== undefined) await recordEnd(tx, context, [ended]);
}

/** Ends attacks without a sign since a moment, but for those that an operator began. */
export async function endCalm(tx: Tx, seenBefore: Date, now: Date): Promise<void> {
  await recordEnd(tx, bySystem(now), await endCalmAttacks(tx, seenBefore, now));
}

function recordEnd(tx: Tx, context: ChangeContext, ended: readonly EndedAttack[]): Promise<void> {
  const changes = ended.map(
    ({ id, publicationId, cause }: Pick<Attack, 'id' | 'publicationId' | 'cause'>) => ({
      kind: 'attack.ended' as const,
      publicationId,
      subjectId: id,
      before: { cause },
    }),
  );
  return recordActivities(tx, context, changes);
}
