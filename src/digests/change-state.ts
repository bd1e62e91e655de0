import { recordActivities, recordActivity } from '../operators/activity/record-activity.js';
import { bySystem } from '../platform/actor.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { statesBefore } from '../platform/db/transitions.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { findPublication } from '../publications/reads.js';
import { DIGEST_LIFETIME_MS, type Digest, type DigestState } from './digest.js';
import { enqueuePlanning } from './enqueue-planning.js';
import { isPostalAddressMissing } from './postal-address.js';
import { findDigest } from './reads.js';
import { DIGEST_TRANSITIONS, type DigestActionResult, type DigestOperation } from './transition.js';
import {
  closeAll,
  extendLifetime,
  extendLifetimes,
  markHeld,
  reopenClosed,
  startApproved,
  updateSendAt,
  updateState,
  type ChangedDigest,
} from './writes.js';

type ChangeContext = Pick<Context, 'db' | 'now' | 'actor'>;

/**
 * held -> approved: its readers are planned at once, those who are due later when they are. An operator's digest starts
 * with its approval: its planning would hold it again for the same reason. Without a postal address nobody can approve it.
 */
export function approveDigest(context: ChangeContext, id: string): Promise<DigestActionResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    if (await isHeldWithoutAddress(tx, id)) return { kind: 'refused', state: 'held', isAddressMissing: true };
    const approved = await changeState(tx, id, { by: 'approve', to: 'approved' });
    // What is being sent needs no approval.
    if (approved.kind === 'refused' && approved.state === 'sending') return { kind: 'already' };
    if (approved.kind !== 'done') return approved;
    const { publicationId } = approved.digest;
    await recordActivity(tx, context, { kind: 'digest.approved', publicationId, subjectId: id });
    if (approved.digest.cadence === 'operator') await startSending(tx, id, now());
    await enqueuePlanning(tx, approved.digest, now());
    return approved;
  });
}

async function isHeldWithoutAddress(tx: Tx, id: string): Promise<boolean> {
  const digest = await findDigest(tx, id);
  if (digest?.state !== 'held') return false;
  const publication = await findPublication(tx, digest.publicationId);
  return publication !== undefined && isPostalAddressMissing(publication);
}

/**
 * sending -> paused: workers take nothing more of it within a second or two, and mails that are being handed over finish.
 * One that a mail server's replies had paused before keeps that reason.
 */
export function pauseDigestByOperator(context: ChangeContext, id: string): Promise<DigestActionResult> {
  const change = { by: 'pause', to: 'paused', pausedBy: 'operator' } as const;
  return context.db.transaction((tx) => pause(tx, context, id, change));
}

/**
 * sending -> paused, because no mail server may be sent anything.
 * @param reply the server's own words
 */
export function pauseDigestByMailServer(
  tx: Tx,
  id: string,
  reply: string,
  now: Date,
): Promise<DigestActionResult> {
  const change = { by: 'pause', to: 'paused', pausedBy: 'mail-server', reason: reply } as const;
  return pause(tx, bySystem(now), id, change);
}

async function pause(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  id: string,
  change: StateChange & { pausedBy: 'operator' | 'mail-server' },
): Promise<DigestActionResult> {
  const paused = await changeState(tx, id, change);
  if (paused.kind !== 'done') return paused;
  const { publicationId } = paused.digest;
  const after = { by: change.pausedBy };
  await recordActivity(tx, context, { kind: 'digest.paused', publicationId, subjectId: id, after });
  return paused;
}

/** approved -> held, for so many readers. */
export function holdApproved(
  tx: Tx,
  id: string,
  hold: Pick<Digest, 'holdReasons' | 'readers'>,
  now: Date,
): Promise<boolean> {
  return holdByActor(tx, bySystem(now), id, hold);
}

/** approved -> held, until an operator lets it go: nobody was planned for it. */
export function holdDigestByOperator(context: ChangeContext, id: string): Promise<DigestActionResult> {
  return context.db.transaction(async (tx) => {
    const digest = await findDigest(tx, id);
    if (digest === undefined) return { kind: 'unknown' };
    const hold = { holdReasons: ['by-hand' as const], readers: digest.readers };
    if (await holdByActor(tx, context, id, hold)) return { kind: 'done' };
    const { state } = (await findDigest(tx, id)) ?? digest;
    return state === 'held' ? { kind: 'already' } : { kind: 'refused', state };
  });
}

/** False: it was not approved any more. */
async function holdByActor(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  id: string,
  hold: Pick<Digest, 'holdReasons' | 'readers'>,
): Promise<boolean> {
  const held = await markHeld(tx, id, hold);
  if (held === undefined) return false;
  const { publicationId } = held;
  const after = { reasons: hold.holdReasons, readers: hold.readers };
  await recordActivity(tx, context, { kind: 'digest.held', publicationId, subjectId: id, after });
  return true;
}

/**
 * An order that has not begun goes at another time; one that is held is let go for it. A job that was enqueued for an earlier
 * time finds that it is not due.
 */
export function rescheduleDigest(
  context: ChangeContext,
  id: string,
  { sendAt }: { sendAt: Date },
): Promise<DigestActionResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const moved = await updateSendAt(tx, id, { sendAt, expiresAt: expiryFrom(sendAt) });
    if (moved === undefined) {
      const digest = await findDigest(tx, id);
      return digest === undefined ? { kind: 'unknown' } : { kind: 'refused', state: digest.state };
    }
    const { publicationId } = moved;
    const after = { sendAt: sendAt.toISOString() };
    await recordActivity(tx, context, { kind: 'digest.rescheduled', publicationId, subjectId: id, after });
    await enqueue(tx, 'plan-digest', { digestId: id }, now(), sendAt);
    return { kind: 'done' };
  });
}

/** approved -> sending: its mails are given up three days from now, however long it waited. */
export async function startSending(tx: Tx, id: string, now: Date): Promise<void> {
  const started = await startApproved(tx, id, expiryFrom(now));
  if (started === undefined) return;
  const { publicationId } = started;
  await recordActivity(tx, bySystem(now), { kind: 'digest.started', publicationId, subjectId: id });
}

/** sending -> closed, unless a reader has joined since `lastBatch` was read or a batch is still due. */
export async function closeFinished(
  tx: Tx,
  digests: readonly { id: string; lastBatch: number }[],
  now: Date,
): Promise<void> {
  const closed = await closeAll(tx, digests);
  const kind = 'digest.closed' as const;
  const changes = closed.map(({ id, publicationId }) => ({ kind, publicationId, subjectId: id }));
  await recordActivities(tx, bySystem(now), changes);
}

/**
 * paused -> sending: its mails are given up three days from now, however long it was paused. The caller enqueues the job
 * that wakes the batches.
 */
export async function resumeSending(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  id: string,
): Promise<DigestActionResult<{ digest: ChangedDigest }>> {
  const resumed = await changeState(tx, id, { by: 'resume', to: 'sending' });
  if (resumed.kind !== 'done') return resumed;
  const { publicationId } = resumed.digest;
  await recordActivity(tx, context, { kind: 'digest.resumed', publicationId, subjectId: id });
  await extendLifetime(tx, id, expiryFrom(context.now()));
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
export function cancelDigest(context: ChangeContext, id: string): Promise<DigestActionResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const cancelled = await changeState(tx, id, { by: 'cancel', to: 'cancelled' });
    if (cancelled.kind !== 'done') return cancelled;
    const { publicationId, previousState: state } = cancelled.digest;
    const change = { kind: 'digest.cancelled', publicationId, subjectId: id } as const;
    await recordActivity(tx, context, { ...change, before: { state } });
    await enqueue(tx, 'cancel-deliveries', { digestId: id }, now());
    // Nobody was planned for a held one: planning moves its readers on to their next.
    if (cancelled.digest.previousState === 'held') await enqueuePlanning(tx, cancelled.digest, now());
    return cancelled;
  });
}

/** Something of it is sent again: closed -> sending, and given up as late as a new one. A paused one stays paused. */
export async function reopenForResend(tx: Tx, id: string, now: Date): Promise<void> {
  await reopen(tx, id, expiryFrom(now), now);
  await extendLifetime(tx, id, expiryFrom(now));
}

/** closed -> sending, and given up no sooner than then. */
export async function reopen(tx: Tx, id: string, expiresAt: Date, now: Date): Promise<void> {
  const reopened = await reopenClosed(tx, id, expiresAt);
  if (reopened === undefined) return;
  const { publicationId } = reopened;
  await recordActivity(tx, bySystem(now), { kind: 'digest.reopened', publicationId, subjectId: id });
}

function expiryFrom(now: Date): Date {
  return new Date(now.getTime() + DIGEST_LIFETIME_MS);
}

type StateChange = { by: DigestOperation; to: DigestState } & Partial<Pick<Digest, 'pausedBy' | 'reason'>>;

/** The transition, where the table allows it from the digest's state. `already`: it was in that state before. */
async function changeState(
  tx: Tx,
  id: string,
  change: StateChange,
): Promise<DigestActionResult<{ digest: ChangedDigest }>> {
  const { by, to, pausedBy = null, reason = null } = change;
  const from = statesBefore(DIGEST_TRANSITIONS, by);
  const digest = await updateState(tx, id, { from, to, pausedBy, reason });
  if (digest !== undefined) return { kind: 'done', digest };
  const found = await findDigest(tx, id);
  if (found === undefined) return { kind: 'unknown' };
  return found.state === to ? { kind: 'already' } : { kind: 'refused', state: found.state };
}
