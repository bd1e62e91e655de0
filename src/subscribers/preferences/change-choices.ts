import { isDeepStrictEqual } from 'node:util';
import { changedFields } from '../../operators/activity/changed-fields.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { findSubscription, lockSubscription } from '../reads.js';
import { nextDueAt } from '../due/next-due.js';
import type { Choices, Subscription } from '../subscription.js';
import { insertConsent } from '../consent/writes.js';
import { updateChoices } from './writes.js';

export type ChoicesChange = Partial<
  Choices & Pick<Subscription, 'locale' | 'format' | 'withoutPictures' | 'atMostDaily'>
>;

type ChoicesInput = { [Name in keyof ChoicesChange]: ChoicesChange[Name] | undefined };

/**
 * Changes what she wants, when and how often. The next mail comes at the new time; one that is due already and waits to be
 * planned still comes. A pause goes on.
 * @param change a function of the subscription, which is locked, where the new choices depend on the old
 * @returns undefined when there is no such subscription
 */
export function changeChoices(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  subscriptionId: string,
  change: ChoicesInput | ((before: Subscription) => ChoicesInput),
): Promise<Subscription | undefined> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const before = await lockSubscription(tx, subscriptionId);
    if (before === undefined) return undefined;
    const changed = typeof change === 'function' ? change(before) : change;
    const given = Object.entries(changed).filter(([, value]) => value !== undefined);
    const after: Subscription = { ...before, ...Object.fromEntries(given) };
    await updateChoices(tx, subscriptionId, {
      ...after,
      nextDueAt: nextDueAfterChange(before, after, now()),
    });
    const recorded = changedFields(choicesOf(before), choicesOf(after));
    if (recorded !== undefined) {
      const { publicationId } = before;
      const subject = { publicationId, subjectId: subscriptionId };
      await recordActivity(tx, context, { kind: 'subscription.changed', ...subject, ...recorded });
    }
    // A pending subscription has no consent yet that could change.
    if (after.status !== 'pending' && !isDeepStrictEqual(after, before))
      await insertConsent(tx, { subscriptionId, kind: 'changed' }, now());
    await enqueueInstantPlanning(tx, before, after, now());
    return findSubscription(tx, subscriptionId);
  });
}

function choicesOf(subscription: Subscription) {
  const {
    cadence,
    hour,
    weekday,
    dayOfMonth,
    timezone,
    topics,
    locale,
    format,
    withoutPictures,
    atMostDaily,
  } = subscription;
  return {
    cadence,
    hour,
    weekday,
    dayOfMonth,
    timezone,
    topics,
    locale,
    format,
    withoutPictures,
    atMostDaily,
  };
}

function nextDueAfterChange(before: Subscription, after: Subscription, now: Date): Date | null {
  if (after.status !== 'confirmed') return null;
  const isOverdue = before.nextDueAt !== null && before.nextDueAt <= now && after.cadence !== 'instant';
  return isOverdue ? before.nextDueAt : nextDueAt(after, now);
}

/** Articles that waited for her hour would otherwise wait for the next one. */
async function enqueueInstantPlanning(
  tx: Tx,
  before: Subscription,
  after: Subscription,
  now: Date,
): Promise<void> {
  const hadToWait = before.cadence !== 'instant' || before.nextDueAt !== null;
  if (after.cadence === 'instant' && hadToWait)
    await enqueue(tx, 'plan-instant', { publicationId: after.publicationId }, now);
}
