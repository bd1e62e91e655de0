import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { findSubscription, lockSubscription } from './reads.js';
import { nextDueAt } from './rhythm.js';
import type { Choices, Subscription } from './subscription.js';
import { updateChoices } from './writes.js';

export type ChoicesChange = Partial<Choices & { locale: string }>;

/**
 * Changes what she wants, when and how often. What she has been mailed stays as it is: her next mail comes at the new
 * time, in a period she has not had yet. Undefined when there is no such subscription.
 */
export function changeChoices(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
  change: { [Name in keyof ChoicesChange]: ChoicesChange[Name] | undefined },
): Promise<Subscription | undefined> {
  return db.transaction(async (tx) => {
    const before = await lockSubscription(tx, subscriptionId);
    if (before === undefined) return undefined;
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const after: Subscription = { ...before, ...Object.fromEntries(given) };
    const due = after.status === 'confirmed' ? nextDueAt(after, now()) : null;
    await updateChoices(tx, subscriptionId, { ...after, nextDueAt: due });
    // What was waiting for her hour would otherwise wait for the next article.
    if (after.cadence === 'instant' && before.cadence !== 'instant')
      await enqueue(tx, 'plan-instant', { publicationId: after.publicationId }, now());
    return findSubscription(tx, subscriptionId);
  });
}
