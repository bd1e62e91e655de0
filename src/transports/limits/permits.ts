import type { Db, Tx } from '../../platform/db/database.js';
import type { Rates } from '../../platform/mail/smtp/smtp-url-parameters.js';
import type { RegisteredTransport } from '../transport.js';
import { findOpening, messageIntervalMs, reservedUntil, startOfNext, type Pace } from './pace.js';
import { isUnlimited, ratesAt, remainingQuota, startOfMinute } from './quota.js';
import { listUsage, lockTransport } from './reads.js';
import { addUsage, recordFirstUse, reduceUsage, reserveUntil, shortenReservation } from './writes.js';

/** Messages that may be sent, and when each may begin; without a pace, at once. */
export type Granted = { kind: 'granted'; count: number; takenAt: Date; pace?: Pace };

/** How many messages may be sent, or when to ask again. */
export type Permits = Granted | { kind: 'none'; until: Date };

/**
 * Takes permits to send up to `wanted` messages to a server now, and counts them as used. Take permits first, then claim
 * deliveries. The limits apply to all workers together; permits of a worker that dies stay used. Runs in a short
 * transaction of its own, so that no worker waits for another's claim; without limits it makes no query at all.
 *
 * Rates for a second and a minute space the messages evenly (`pace.ts`); those for an hour and a day are quotas that may be
 * used at once (`quota.ts`).
 */
export async function takePermits(
  db: Db,
  transport: RegisteredTransport,
  wanted: number,
  now: Date,
): Promise<Permits> {
  if (needsNoPermit(transport, now)) return { kind: 'granted', count: wanted, takenAt: now };
  return db.transaction(async (tx) => {
    const { rates, paceReservedUntil } = await lockLimits(tx, transport, now);
    const usage = hasQuota(rates) ? await listUsage(tx, transport.id) : [];
    const room = remainingQuota(rates, usage, now);
    if (room.messages === 0) return { kind: 'none', until: room.until };
    const count = Math.min(wanted, room.messages);
    const intervalMs = messageIntervalMs(rates);
    if (intervalMs === 0) return grant(tx, transport, { count, takenAt: now });
    const opening = findOpening(intervalMs, paceReservedUntil, now);
    if (opening.kind === 'none') return opening;
    const pace = { startsAt: opening.startsAt, intervalMs };
    return grant(tx, transport, { count: Math.min(count, opening.limit), takenAt: now, pace });
  });
}

/** Counts a notice. It is never delayed, but digests get fewer permits after it. */
export async function countNotice(db: Db, transport: RegisteredTransport, now: Date): Promise<void> {
  if (needsNoPermit(transport, now)) return;
  await db.transaction(async (tx) => {
    const { rates, paceReservedUntil } = await lockLimits(tx, transport, now);
    const intervalMs = messageIntervalMs(rates);
    const pace = { startsAt: startOfNext(paceReservedUntil, now), intervalMs };
    await grant(tx, transport, { count: 1, takenAt: now, ...(intervalMs > 0 && { pace }) });
  });
}

/**
 * Returns permits that were not needed. Time of a pace is free again unless somebody has reserved what comes after it: it
 * is at most one chunk's.
 */
export async function returnPermits(
  db: Db,
  transport: RegisteredTransport,
  count: number,
  { count: granted, takenAt, pace }: Granted,
): Promise<void> {
  if (count === 0 || isUnlimited(ratesAt(transport, takenAt))) return;
  await db.transaction(async (tx) => {
    await lockTransport(tx, transport.id);
    await reduceUsage(tx, transport.id, startOfMinute(takenAt), count);
    if (pace !== undefined)
      await shortenReservation(
        tx,
        transport.id,
        reservedUntil(pace, granted),
        reservedUntil(pace, granted - count),
      );
  });
}

/** The first use is recorded even without limits: an operator may ask for a warm-up later, of a server long in use. */
function needsNoPermit(transport: RegisteredTransport, now: Date): boolean {
  return transport.firstUsedAt !== null && isUnlimited(ratesAt(transport, now));
}

/** Locks the server's row, so that two workers take permits one after the other. */
async function lockLimits(tx: Tx, transport: RegisteredTransport, now: Date) {
  const { firstUsedAt, paceReservedUntil } = await lockTransport(tx, transport.id);
  if (firstUsedAt === null) await recordFirstUse(tx, transport.id, now);
  // Stored only when it was in the row already: if this transaction is rolled back, the next one records it.
  transport.firstUsedAt = firstUsedAt;
  return { rates: ratesAt(transport, now), paceReservedUntil };
}

function hasQuota({ hour, day }: Rates): boolean {
  return hour !== undefined || day !== undefined;
}

async function grant(
  tx: Tx,
  transport: RegisteredTransport,
  granted: Omit<Granted, 'kind'>,
): Promise<Granted> {
  const { count, takenAt, pace } = granted;
  if (hasQuota(ratesAt(transport, takenAt))) await addUsage(tx, transport.id, startOfMinute(takenAt), count);
  if (pace !== undefined) await reserveUntil(tx, transport.id, reservedUntil(pace, count));
  return { kind: 'granted', ...granted };
}
