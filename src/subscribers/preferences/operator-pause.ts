import { listActivity } from '../../operators/activity/reads.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { joinTransaction } from '../../platform/db/join-transaction.js';
import { findSubscription, lockSubscription } from '../reads.js';
import { pauseSubscription, resumeSubscription } from './pause.js';

type PauseContext = Pick<Context, 'db' | 'now' | 'actor'>;

/**
 * Pauses a reader for an operator, until an operator resumes her; what comes out meanwhile is not mailed to her later. Her own
 * pause stays her own.
 */
export function pauseAsOperator(
  context: PauseContext,
  subscriptionId: string,
): Promise<{ kind: 'paused' | 'not-reading' }> {
  return context.db.transaction(async (tx) => {
    const reader = await lockSubscription(tx, subscriptionId);
    if (reader?.status !== 'confirmed') return { kind: 'not-reading' };
    const own = { ...context, db: joinTransaction(context.db, tx) };
    await pauseSubscription(own, subscriptionId, { until: null, catchUp: false });
    return { kind: 'paused' };
  });
}

/** Ends a pause that an operator, a program or a command began: one that she began is hers to end. */
export function resumeAsOperator(
  context: PauseContext,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'not-paused' | 'her-own' }> {
  return context.db.transaction(async (tx) => {
    const reader = await lockSubscription(tx, subscriptionId);
    if (reader?.status !== 'paused') return { kind: 'not-paused' };
    if (!(await isPausedByOperator(tx, subscriptionId))) return { kind: 'her-own' };
    return resumeSubscription({ ...context, db: joinTransaction(context.db, tx) }, subscriptionId);
  });
}

/** Whether her pause is one that an operator, a program or a command began. */
export async function isPausedByOperator(db: Db | Tx, subscriptionId: string): Promise<boolean> {
  if ((await findSubscription(db, subscriptionId))?.status !== 'paused') return false;
  const filter = { subjectId: subscriptionId, kinds: ['subscription.paused' as const] };
  const [last] = await listActivity(db, filter, { before: undefined, limit: 1 });
  return last !== undefined && !['reader', 'system'].includes(last.actor.kind);
}
