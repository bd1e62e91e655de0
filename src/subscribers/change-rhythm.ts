import type { Context } from '../platform/context.js';
import { findSubscription } from './reads.js';
import { nextDueAt } from './rhythm.js';
import type { Rhythm, Subscription } from './subscription.js';
import { updateRhythm } from './writes.js';

export type RhythmChange = Partial<Rhythm & { locale: string }>;

/**
 * Changes when and how often she wants mail. What she has been mailed stays as it is: her next mail comes at the new
 * time, in a period she has not had yet. Undefined when there is no such subscription.
 */
export function changeRhythm(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
  change: { [Name in keyof RhythmChange]: RhythmChange[Name] | undefined },
): Promise<Subscription | undefined> {
  return db.transaction(async (tx) => {
    const before = await findSubscription(tx, subscriptionId);
    if (before === undefined) return undefined;
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const after: Subscription = { ...before, ...Object.fromEntries(given) };
    const due = after.status === 'confirmed' ? nextDueAt(after, now()) : null;
    await updateRhythm(tx, subscriptionId, { ...after, nextDueAt: due });
    return findSubscription(tx, subscriptionId);
  });
}
