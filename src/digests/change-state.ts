import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { statesBefore } from '../platform/db/transitions.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { DIGEST_LIFETIME_MS, type Digest, type DigestState } from './digest.js';
import { enqueuePlanning } from './enqueue-planning.js';
import { findDigest } from './reads.js';
import { DIGEST_TRANSITIONS, type DigestActionResult, type DigestOperation } from './transition.js';
import {
  extendLifetime,
  extendLifetimes,
  reopenClosed,
  startApproved,
  updateState,
  type ChangedDigest,
} from './writes.js';

export { closeFinished, holdApproved } from './writes.js';

/**
 * held -> approved: its readers are planned at once, those who are due later when they are. An operator's digest starts
 * with its approval: its planning would hold it again for the same reason.
 */
export function approveDigest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<DigestActionResult> {
  return db.transaction(async (tx) => {
    const approved = await changeState(tx, id, { by: 'approve', to: 'approved' });
    // What is being sent needs no approval.
    if (approved.kind === 'refused' && approved.state === 'sending') return { kind: 'already' };
    if (approved.kind !== 'done') return approved;
    if (approved.digest.cadence === 'operator') await startSending(tx, id, now());
    await enqueuePlanning(tx, approved.digest, now());
    return approved;
  });
}

/**
 * sending -> paused: workers take nothing more of it within a second or two, and mails that are being handed over finish.
 * One that a mail server's replies had paused before keeps that reason.
 */
export function pauseDigestByOperator({ db }: Pick<Context, 'db'>, id: string): Promise<DigestActionResult> {
  return db.transaction((tx) => changeState(tx, id, { by: 'pause', to: 'paused', pausedBy: 'operator' }));
}

/**
 * sending -> paused, because no mail server may be sent anything.
 * @param reply the server's own words
 */
export function pauseDigestByMailServer(tx: Tx, id: string, reply: string): Promise<DigestActionResult> {
  return changeState(tx, id, { by: 'pause', to: 'paused', pausedBy: 'mail-server', reason: reply });
}

/** approved -> sending: its mails are given up three days from now, however long it waited. */
export async function startSending(tx: Tx, id: string, now: Date): Promise<void> {
  await startApproved(tx, id, expiryFrom(now));
}

/**
 * paused -> sending: its mails are given up three days from now, however long it was paused. The caller enqueues the job
 * that wakes the batches.
 */
export async function resumeSending(
  tx: Tx,
  id: string,
  now: Date,
): Promise<DigestActionResult<{ digest: ChangedDigest }>> {
  const resumed = await changeState(tx, id, { by: 'resume', to: 'sending' });
  if (resumed.kind === 'done') await extendLifetime(tx, id, expiryFrom(now));
  return resumed;
}

/** What held mail of any digest is over: all that are being sent or paused are given up three days from now at the earliest. */
export async function restartLifetimes(tx: Tx, now: Date): Promise<void> {
  await extendLifetimes(tx, expiryFrom(now));
}

/**
 * To cancelled, for good: nobody else is sent it. A job skips what was planned of it; mails that are being handed over
 * finish, and uncertain ones stay uncertain.
 */
export function cancelDigest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<DigestActionResult> {
  return db.transaction(async (tx) => {
    const cancelled = await changeState(tx, id, { by: 'cancel', to: 'cancelled' });
    if (cancelled.kind !== 'done') return cancelled;
    await enqueue(tx, 'cancel-deliveries', { digestId: id }, now());
    // Nobody was planned for a held one: planning moves its readers on to their next.
    if (cancelled.digest.previousState === 'held') await enqueuePlanning(tx, cancelled.digest, now());
    return cancelled;
  });
}

/** Something of it is sent again: closed -> sending, and given up as late as a new one. A paused one stays paused. */
export async function reopenForResend(tx: Tx, id: string, now: Date): Promise<void> {
  await reopenClosed(tx, id, expiryFrom(now));
  await extendLifetime(tx, id, expiryFrom(now));
}

function expiryFrom(now: Date): Date {
  return new Date(now.getTime() + DIGEST_LIFETIME_MS);
}

/** The transition, where the table allows it from the digest's state. `already`: it was in that state before. */
async function changeState(
  tx: Tx,
  id: string,
  change: { by: DigestOperation; to: DigestState } & Partial<Pick<Digest, 'pausedBy' | 'reason'>>,
): Promise<DigestActionResult<{ digest: ChangedDigest }>> {
  const { by, to, pausedBy = null, reason = null } = change;
  const from = statesBefore(DIGEST_TRANSITIONS, by);
  const digest = await updateState(tx, id, { from, to, pausedBy, reason });
  if (digest !== undefined) return { kind: 'done', digest };
  const found = await findDigest(tx, id);
  if (found === undefined) return { kind: 'unknown' };
  return found.state === to ? { kind: 'already' } : { kind: 'refused', state: found.state };
}
