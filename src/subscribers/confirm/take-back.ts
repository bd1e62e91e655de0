import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { lockSubscription } from '../reads.js';
import type { Subscription } from '../subscription.js';
import { recordSuppressions } from '../suppression/record-suppressions.js';
import { listVisits } from './reads.js';
import { isRecent, isTrapped, TRAP_WINDOW_MS, type Visit } from './visit.js';
import {
  markTakenBack,
  passConsentOn,
  restoreCappedMails,
  restoreLiftedSuppressions,
  takeBackConsent,
  upsertTrapPress,
} from './writes.js';

type TrapResult = { kind: 'taken-back' | 'kept' };

/**
 * Records that a program pressed the button that nobody sees, and takes back what the same visit confirmed within ten minutes:
 * the subscription is what it was, with its suppressions and the caps of its mails, its consent does not count, and a welcome
 * that waits is not sent. A press of that visit within the next ten minutes does not confirm. Where another visit had pressed the
 * button as well, the subscription stays confirmed, by that one. What has changed since in another way stays, above all that
 * she left.
 */
export function pressTrap(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { subscriptionId, visit }: { subscriptionId: string; visit: string },
): Promise<TrapResult> {
  return context.db.transaction(async (tx) => {
    const now = context.now();
    const subscription = await lockSubscription(tx, subscriptionId);
    if (subscription === undefined) return { kind: 'kept' };
    await upsertTrapPress(tx, subscriptionId, visit, now);
    const visits = await listVisits(tx, subscriptionId, new Date(now.getTime() - TRAP_WINDOW_MS));
    const trapped = visits.find((each) => each.visit === visit);
    if (trapped === undefined || trapped.consentId === null || !isRecent(trapped, now))
      return { kind: 'kept' };
    const other = visits.find((each) => each.consentId === null && isOfPerson(each, now));
    if (other !== undefined) {
      await passConsentOn(tx, subscriptionId, { from: visit, to: other.visit });
      return { kind: 'kept' };
    }
    return { kind: (await takeBack(tx, context, subscription, visit)) ? 'taken-back' : 'kept' };
  });
}

function isOfPerson(visit: Visit, now: Date): boolean {
  return visit.pressedAt !== null && !isTrapped(visit, now);
}

/** @returns false when the subscription has changed since the visit confirmed it */
async function takeBack(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  { id, publicationId }: Subscription,
  visit: string,
): Promise<boolean> {
  const taken = await markTakenBack(tx, id, visit);
  if (taken === undefined) return false;
  await recordSuppressions(tx, context, 'added', await restoreLiftedSuppressions(tx, id, visit));
  await restoreCappedMails(tx, id, visit);
  await takeBackConsent(tx, id, visit, context.now());
  const change = { kind: 'subscription.confirmation-taken-back', publicationId, subjectId: id } as const;
  const { previousStatus, status } = taken;
  await recordActivity(tx, context, { ...change, before: { status: previousStatus }, after: { status } });
  return true;
}
