import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { findSubscription, lockSubscription } from '../reads.js';
import { nextDueAt } from '../due/next-due.js';
import type { Choices, Subscription } from '../subscription.js';
import { updateChoices } from '../writes.js';
import { insertConsent } from '../consent/writes.js';

export type ChoicesChange = Partial<Choices & Pick<Subscription, 'locale' | 'format' | 'atMostDaily'>>;

type ChoicesInput = { [Name in keyof ChoicesChange]: ChoicesChange[Name] | undefined };

/**
 * Changes what she wants, when and how often. What she has been mailed stays as it is: her next mail comes at the new
 * time, in a period she has not had yet. A digest that is due already, and waits to be planned, still comes. Who rests
 * goes on resting. Undefined when there is no such subscription.
 * @param change may be worked out from what is so now, which nobody else changes meanwhile
 */
export function changeChoices(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
  change: ChoicesInput | ((before: Subscription) => ChoicesInput),
): Promise<Subscription | undefined> {
  return db.transaction(async (tx) => {
    const before = await lockSubscription(tx, subscriptionId);
    if (before === undefined) return undefined;
    const wished = typeof change === 'function' ? change(before) : change;
    const given = Object.entries(wished).filter(([, value]) => value !== undefined);
    const after: Subscription = { ...before, ...Object.fromEntries(given) };
    await updateChoices(tx, subscriptionId, {
      ...after,
      nextDueAt: nextDueAfterChange(before, after, now()),
    });
    // Of who has not confirmed there is no consent that could change.
    if (after.status !== 'pending' && !isDeepStrictEqual(after, before))
      await insertConsent(tx, { subscriptionId, kind: 'changed' }, now());
    await enqueueInstantPlanning(tx, before, after, now());
    return findSubscription(tx, subscriptionId);
  });
}

function nextDueAfterChange(before: Subscription, after: Subscription, now: Date): Date | null {
  if (after.status !== 'confirmed') return null;
  const isOverdue = before.nextDueAt !== null && before.nextDueAt <= now && after.cadence !== 'instant';
  return isOverdue ? before.nextDueAt : nextDueAt(after, now);
}

/** What was waiting for her hour would otherwise wait for the next article. */
async function enqueueInstantPlanning(
  tx: Tx,
  before: Subscription,
  after: Subscription,
  now: Date,
): Promise<void> {
  const waited = before.cadence !== 'instant' || before.nextDueAt !== null;
  if (after.cadence === 'instant' && waited)
    await enqueue(tx, 'plan-instant', { publicationId: after.publicationId }, now);
}
