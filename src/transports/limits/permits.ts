import type { Db, Tx } from '../../platform/db/database.js';
import type { RegisteredTransport } from '../transport.js';
import {
  isInWindow,
  isUnlimited,
  nextPermitsAt,
  ratesAt,
  remainingPermits,
  windowsAt,
  type Window,
} from './rate-windows.js';
import { listUsage, lockTransport } from './reads.js';
import { recordFirstUse, writeUsage } from './writes.js';

/** How many messages may be sent, or when to ask again. */
export type Permits = { kind: 'granted'; count: number } | { kind: 'none'; until: Date };

/**
 * Takes permits to send up to `wanted` messages to a server now, and counts them as used. Take permits first, then claim
 * deliveries. The limits apply to all workers together; permits of a worker that dies stay used. Runs in a short
 * transaction of its own, so that no worker waits for another's claim; without limits it makes no query at all.
 *
 * Windows are fixed, not sliding: one number a span is stored and locked. So around the turn of an hour up to twice the
 * hourly rate may be sent within sixty minutes; a rate for the minute as well prevents that.
 */
export async function takePermits(
  db: Db,
  transport: RegisteredTransport,
  wanted: number,
  now: Date,
): Promise<Permits> {
  if (needsNoPermit(transport, now)) return { kind: 'granted', count: wanted };
  return db.transaction(async (tx) => {
    const windows = await currentWindows(tx, transport, now);
    const until = nextPermitsAt(windows);
    if (until !== undefined) return { kind: 'none', until };
    const count = Math.min(wanted, remainingPermits(windows));
    await recordUsage(tx, transport, windows, count);
    return { kind: 'granted', count };
  });
}

/** Counts a notice. It is never delayed, but digests get fewer permits after it. */
export async function countNotice(db: Db, transport: RegisteredTransport, now: Date): Promise<void> {
  if (needsNoPermit(transport, now)) return;
  await db.transaction(async (tx) => recordUsage(tx, transport, await currentWindows(tx, transport, now), 1));
}

/**
 * Returns permits that were not needed.
 * @param takenAt the `now` they were taken with: windows that have ended since stay as they are
 */
export async function returnPermits(
  db: Db,
  transport: RegisteredTransport,
  count: number,
  takenAt: Date,
): Promise<void> {
  if (count === 0 || isUnlimited(ratesAt(transport, takenAt))) return;
  await db.transaction(async (tx) => {
    await lockTransport(tx, transport.id);
    const usage = (await listUsage(tx, transport.id)).filter((window) => isInWindow(window, takenAt));
    const reduced = usage.map((window) => ({ ...window, used: Math.max(0, window.used - count) }));
    await writeUsage(tx, transport.id, reduced);
  });
}

/** The first use is recorded even without limits: an operator may ask for a warm-up later, of a server long in use. */
function needsNoPermit(transport: RegisteredTransport, now: Date): boolean {
  return transport.firstUsedAt !== null && isUnlimited(ratesAt(transport, now));
}

/** Locks the server's row, so that two workers take permits one after the other. */
async function currentWindows(tx: Tx, transport: RegisteredTransport, now: Date): Promise<Window[]> {
  const { firstUsedAt } = await lockTransport(tx, transport.id);
  if (firstUsedAt === null) await recordFirstUse(tx, transport.id, now);
  // Stored only when it was in the row already: if this transaction is rolled back, the next one records it.
  transport.firstUsedAt = firstUsedAt;
  const rates = ratesAt(transport, now);
  return isUnlimited(rates) ? [] : windowsAt(rates, await listUsage(tx, transport.id), now);
}

function recordUsage(
  tx: Tx,
  { id }: RegisteredTransport,
  windows: readonly Window[],
  count: number,
): Promise<number> {
  const usage = windows.map((window) => ({ ...window, used: window.used + count }));
  return usage.length === 0 ? Promise.resolve(0) : writeUsage(tx, id, usage);
}
