import { DAY_MS } from '../../platform/durations.js';
import type { Context } from '../../platform/context.js';
import { deleteCountsBefore } from '../../platform/counts/delete-old-counts.js';
import { LONG_STATEMENT_LIMIT_MS, type Tx } from '../../platform/db/database.js';
import { runEach } from '../../platform/process/run-each.js';
import { ADDRESS_RETENTION_MS } from '../address-change/address-change.js';
import { TRAP_WINDOW_MS } from '../confirm/visit.js';
import { deleteOldVisits } from '../confirm/writes.js';
import { deleteLeaveReasons } from '../leave/writes.js';
import { READER_CHANGES } from '../counts/reader-days.js';
import { MAIL_CAP_WINDOW_MS } from '../mail-cap/mail-cap.js';
import { deleteOldBounceSources } from '../suppression/suppress-bounced.js';
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

/** When readers came and left: a year, to be compared with. */
const READER_CHANGES_RETENTION_MS = 400 * DAY_MS;

/** Digests that failed longer ago than this have nothing to do with those that fail now. */
const SOFT_BOUNCE_RETENTION_MS = 90 * DAY_MS;

const CHUNK_SIZE = 10_000;

type PurgeContext = Pick<Context, 'db' | 'now'>;

/**
 * Deletes what has been kept for its time: sign-up requests, presses of confirmations, the mail cap's history, figures, addresses of past changes, link
 * requests, soft bounces, sources of bounces, and the evidence of consents older than their publication's `evidenceDays`.
 */
export async function purgeSubscribers(context: PurgeContext): Promise<void> {
  const { db, now } = context;
  const before = (age: number) => new Date(now().getTime() - age);
  // Each passes over a whole table.
  const change = (work: (tx: Tx) => Promise<unknown>) => () => db.transaction(work, LONG_STATEMENTS);
  await runEach([
    () =>
      deleteInChunks(context, (tx) => deleteOldRequests(tx, before(UNCONFIRMED_RETENTION_MS), CHUNK_SIZE)),
    () => deleteInChunks(context, (tx) => deleteOldCappedMails(tx, before(MAIL_CAP_WINDOW_MS), CHUNK_SIZE)),
    change((tx) => deleteOldFormCounts(tx, before(FORM_COUNTS_RETENTION_MS))),
    change((tx) => deleteCountsBefore(tx, READER_CHANGES, before(READER_CHANGES_RETENTION_MS))),
    change((tx) => deleteExpiredLimits(tx, now())),
    change((tx) => deleteOldVisits(tx, before(TRAP_WINDOW_MS))),
    change((tx) => deleteOldSoftBounces(tx, before(SOFT_BOUNCE_RETENTION_MS))),
    change((tx) => deleteOldBounceSources(tx, now())),
    change((tx) => clearExpiredAddresses(tx, before(ADDRESS_RETENTION_MS))),
    change((tx) => deleteOldLinkRequests(tx, before(ADDRESS_RETENTION_MS))),
    change((tx) => clearExpiredConsentEvidence(tx, now())),
    change((tx) => clearExpiredRequestEvidence(tx, now())),
  ]);
}

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
