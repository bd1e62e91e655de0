import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { MAIL_CAP_WINDOW_MS } from '../mail-cap.js';
import {
  deleteOldCappedMails,
  deleteOldFormCounts,
  deleteExpiredLimits,
  deleteOldRequests,
  deleteRequestsOfSubscriptions,
} from '../request-writes.js';
import {
  deleteConsentsOfUnconfirmed,
  deleteSubscribersWithoutSubscription,
  deleteUnconfirmed,
} from '../erase-writes.js';
import { deleteLeaveReasons } from '../leave/writes.js';

/** What a visitor typed is kept for a week: longer than a confirmation link works, and no longer than it is of use. */
export const UNCONFIRMED_RETENTION_MS = 7 * 24 * 3600 * 1000;

const CHUNK_SIZE = 10_000;

/** What is usual here is known after weeks; older figures tell nobody anything. */
const COUNTS_RETENTION_MS = 90 * 24 * 3600 * 1000;

/** Deletes what is no longer of use: old sign-up requests, counts of mails that nobody clicked, and old figures. */
export async function purgeSignUps({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = (age: number) => new Date(now().getTime() - age);
  await repeatInChunks((limit) =>
    db.transaction((tx) => deleteOldRequests(tx, before(UNCONFIRMED_RETENTION_MS), limit)),
  );
  await repeatInChunks((limit) =>
    db.transaction((tx) => deleteOldCappedMails(tx, before(MAIL_CAP_WINDOW_MS), limit)),
  );
  await db.transaction(async (tx) => {
    await deleteOldFormCounts(tx, before(COUNTS_RETENTION_MS));
    await deleteExpiredLimits(tx, now());
  });
}

/** A chunk after the other, so that no transaction holds a flood. */
async function repeatInChunks(remove: (limit: number) => Promise<number>): Promise<void> {
  while ((await remove(CHUNK_SIZE)) === CHUNK_SIZE);
}

/** Forgets people who were asked and never confirmed, whatever they answered. The caller has deleted what was mailed to them. */
export async function deleteUnconfirmedSubscriptions(tx: Tx, subscriptionIds: string[]): Promise<void> {
  await deleteRequestsOfSubscriptions(tx, subscriptionIds);
  await deleteLeaveReasons(tx, subscriptionIds);
  await deleteConsentsOfUnconfirmed(tx, subscriptionIds);
  const gone = await deleteUnconfirmed(tx, subscriptionIds);
  await deleteSubscribersWithoutSubscription(
    tx,
    gone.map((row) => row.subscriberId),
  );
}
