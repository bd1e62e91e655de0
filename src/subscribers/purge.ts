import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { ASKED_WINDOW_MS } from './asking.js';
import {
  deleteOldAsked,
  deleteOldCounts,
  deleteOldLimits,
  deleteOldRequests,
  deleteRequestsFor,
} from './request-writes.js';
import { deleteConsentsOfUnconfirmed, deleteSubscribersWithout, deleteUnconfirmed } from './erase-writes.js';
import { deleteReasons } from './leave-writes.js';

/** What a visitor typed is kept for a week: longer than a confirmation link works, and no longer than it is of use. */
export const KEPT_UNCONFIRMED_MS = 7 * 24 * 3600 * 1000;

const CHUNK = 10_000;

/** What is usual here is known after weeks; older figures tell nobody anything. */
const KEPT_COUNTS_MS = 90 * 24 * 3600 * 1000;

/** Deletes what is no longer of use: old sign-up requests, counts of mails that nobody clicked, and old figures. */
export async function purgeSignUps({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = (age: number) => new Date(now().getTime() - age);
  await untilFew((limit) =>
    db.transaction((tx) => deleteOldRequests(tx, before(KEPT_UNCONFIRMED_MS), limit)),
  );
  await untilFew((limit) => db.transaction((tx) => deleteOldAsked(tx, before(ASKED_WINDOW_MS), limit)));
  await db.transaction(async (tx) => {
    await deleteOldCounts(tx, before(KEPT_COUNTS_MS));
    await deleteOldLimits(tx, now());
  });
}

/** A chunk after the other, so that no transaction holds a flood. */
async function untilFew(remove: (limit: number) => Promise<number>): Promise<void> {
  while ((await remove(CHUNK)) === CHUNK);
}

/** Forgets people who were asked and never confirmed, whatever they answered. The caller has deleted what was mailed to them. */
export async function forgetUnconfirmed(tx: Tx, subscriptionIds: string[]): Promise<void> {
  await deleteRequestsFor(tx, subscriptionIds);
  await deleteReasons(tx, subscriptionIds);
  await deleteConsentsOfUnconfirmed(tx, subscriptionIds);
  const gone = await deleteUnconfirmed(tx, subscriptionIds);
  await deleteSubscribersWithout(
    tx,
    gone.map((row) => row.subscriberId),
  );
}
