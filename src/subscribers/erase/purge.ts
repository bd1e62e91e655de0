import { DAY_MS } from '../../platform/durations.js';
import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS, type Tx } from '../../platform/db/database.js';
import { ADDRESS_RETENTION_MS } from '../address-change/address-change.js';
import { deleteLeaveReasons } from '../leave/writes.js';
import { MAIL_CAP_WINDOW_MS } from '../mail-cap/mail-cap.js';
import { deleteSubscribersWithoutSubscription } from '../writes.js';
import {
  clearExpiredAddresses,
  clearExpiredConsentEvidence,
  clearExpiredRequestEvidence,
  deleteConsentsOfUnconfirmed,
  deleteExpiredLimits,
  deleteOldCappedMails,
  deleteOldFormCounts,
  deleteOldLinkRequests,
  deleteOldRequests,
  deleteOldSoftBounces,
  deleteUnconfirmed,
} from './purge-writes.js';
import { deleteRequestsOfSubscriptions } from './writes.js';

/** What a visitor typed is kept longer than a confirmation link works, and no longer than it is of use. */
export const UNCONFIRMED_RETENTION_MS = 7 * DAY_MS;

/** The baseline of attack detection needs two weeks of figures, the operator's chart shows fewer. */
const FORM_COUNTS_RETENTION_MS = 90 * DAY_MS;

/** Digests that failed longer ago than this have nothing to do with those that fail now. */
const SOFT_BOUNCE_RETENTION_MS = 90 * DAY_MS;

const CHUNK_SIZE = 10_000;

type PurgeContext = Pick<Context, 'db' | 'now'>;

/**
 * Deletes what has been kept for its time: sign-up requests, the mail cap's history, figures, addresses of past changes, link
 * requests, soft bounces, and the evidence of consents older than their publication's `evidenceDays`.
 */
export async function purgeSubscribers(context: PurgeContext): Promise<void> {
  const { db, now } = context;
  const before = (age: number) => new Date(now().getTime() - age);
  await deleteInChunks(context, (tx) => deleteOldRequests(tx, before(UNCONFIRMED_RETENTION_MS), CHUNK_SIZE));
  await deleteInChunks(context, (tx) => deleteOldCappedMails(tx, before(MAIL_CAP_WINDOW_MS), CHUNK_SIZE));
  await db.transaction(async (tx) => {
    await deleteOldFormCounts(tx, before(FORM_COUNTS_RETENTION_MS));
    await deleteExpiredLimits(tx, now());
    await deleteOldSoftBounces(tx, before(SOFT_BOUNCE_RETENTION_MS));
  }, LONG_STATEMENTS);
  await db.transaction(async (tx) => {
    await clearExpiredAddresses(tx, before(ADDRESS_RETENTION_MS));
    await deleteOldLinkRequests(tx, before(ADDRESS_RETENTION_MS));
    await clearExpiredConsentEvidence(tx, now());
    await clearExpiredRequestEvidence(tx, now());
  }, LONG_STATEMENTS);
}

/** These pass over whole tables. */
const LONG_STATEMENTS = { statementLimitMs: LONG_STATEMENT_LIMIT_MS };

/** A transaction for each chunk: after a flood there are millions of rows. */
async function deleteInChunks({ db }: PurgeContext, remove: (tx: Tx) => Promise<number>): Promise<void> {
  while ((await db.transaction(remove)) === CHUNK_SIZE);
}

/**
 * Deletes subscriptions that were never confirmed, with all that belongs to them; one that was confirmed meanwhile stays.
 * The caller has deleted the notices that were mailed to them.
 */
export async function deleteUnconfirmedSubscriptions(tx: Tx, subscriptionIds: string[]): Promise<void> {
  await deleteRequestsOfSubscriptions(tx, subscriptionIds);
  await deleteLeaveReasons(tx, subscriptionIds);
  await deleteConsentsOfUnconfirmed(tx, subscriptionIds);
  const deleted = await deleteUnconfirmed(tx, subscriptionIds);
  await deleteSubscribersWithoutSubscription(
    tx,
    deleted.map(({ subscriberId }) => subscriberId),
  );
}
