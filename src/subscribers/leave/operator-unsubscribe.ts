import { listActivity } from '../../operators/activity/reads.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { joinTransaction } from '../../platform/db/join-transaction.js';
import { findSubscription, lockSubscription } from '../reads.js';
import { mayUndoUnsubscribe, undoUnsubscribe } from './restore-subscription.js';

/** Whether an operator, a program or a command unsubscribed her within the last day, and nobody but that did. */
export async function mayOperatorRestore(db: Db | Tx, subscriptionId: string, now: Date): Promise<boolean> {
  const reader = await findSubscription(db, subscriptionId);
  if (reader === undefined || !mayUndoUnsubscribe(reader, now)) return false;
  const kinds = ['subscription.unsubscribed', 'subscription.blocked'] as const;
  const [last] = await listActivity(
    db,
    { subjectId: subscriptionId, kinds },
    { before: undefined, limit: 1 },
  );
  return last !== undefined && !['reader', 'system'].includes(last.actor.kind);
}

/** Undoes what an operator did: who left by herself has left. */
export function restoreAsOperator(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'too-late' }> {
  return context.db.transaction(async (tx) => {
    await lockSubscription(tx, subscriptionId);
    if (!(await mayOperatorRestore(tx, subscriptionId, context.now()))) return { kind: 'too-late' };
    return undoUnsubscribe({ ...context, db: joinTransaction(context.db, tx) }, subscriptionId);
  });
}
