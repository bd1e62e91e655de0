import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import {
  deleteExpiredEntryLinks,
  deleteExpiredSessions,
  deleteOldIdempotencyKeys,
} from '../access-writes.js';
import { deleteExpiredChallenges, deleteOldCredentialChanges } from '../credentials/writes.js';
import { deleteOldInvitations } from '../invitations/writes.js';
import { deleteOldRecoveries } from '../recovery/writes.js';

/** The mails about these are done by then. */
const KEPT_MS = 7 * DAY_MS;

/** Deletes expired links, sessions and challenges, responses to Idempotency-Keys after a day, and the rest a week later. */
export async function purgeAccess({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = (age: number) => new Date(now().getTime() - age);
  await db.transaction(async (tx) => {
    await deleteExpiredEntryLinks(tx, now());
    await deleteExpiredSessions(tx, now());
    await deleteExpiredChallenges(tx, now());
    await deleteOldIdempotencyKeys(tx, before(DAY_MS));
    await deleteOldInvitations(tx, before(KEPT_MS));
    await deleteOldRecoveries(tx, before(KEPT_MS));
    await deleteOldCredentialChanges(tx, before(KEPT_MS));
  });
}
