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

/** How many messages may be handed over, or when there is room again. */
export type Permits = { kind: 'granted'; count: number } | { kind: 'none'; until: Date };

/**
 * Asks how many of `wanted` messages may be handed to a server now, and counts them as used: permits first, then claims.
 * The limits hold for all workers together, whoever asks at once; what a worker dies with counts as used. Opens a short
 * transaction of its own, so that nobody waits for another's claim; without limits it asks nothing at all.
 *
 * Windows are fixed, not sliding: one number a span is all there is to keep, and to lock. The price is that around the turn
 * of an hour up to twice an hour's worth may go out within sixty minutes; who must not do that limits the minute as well.
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

/** Counts a notice. It is never held back, but the digests behind it find less room. */
export async function countNotice(db: Db, transport: RegisteredTransport, now: Date): Promise<void> {
  if (needsNoPermit(transport, now)) return;
  await db.transaction(async (tx) => recordUsage(tx, transport, await currentWindows(tx, transport, now), 1));
}

/** Returns permits that were not needed. `takenAt` is the `now` they were taken with: windows since over stay as they are. */
export async function returnPermits(
  db: Db,
  transport: RegisteredTransport,
  count: number,
  takenAt: Date,
): Promise<void> {
  if (count === 0 || isUnlimited(ratesAt(transport, takenAt))) return;
  await db.transaction(async (tx) => {
    await lockTransport(tx, transport.id);
    const usage = (await listUsage(tx, transport.id)).filter((one) => isInWindow(one, takenAt));
    const without = usage.map((one) => ({ ...one, used: Math.max(0, one.used - count) }));
    await writeUsage(tx, transport.id, without);
  });
}

/** Its first use is written down although nothing limits it: a warm-up may be asked for later, of a server long in use. */
function needsNoPermit(transport: RegisteredTransport, now: Date): boolean {
  return transport.firstUsedAt !== null && isUnlimited(ratesAt(transport, now));
}

/** The lock on the server's row is what makes two workers take turns. */
async function currentWindows(tx: Tx, transport: RegisteredTransport, now: Date): Promise<Window[]> {
  const { firstUsedAt } = await lockTransport(tx, transport.id);
  if (firstUsedAt === null) await recordFirstUse(tx, transport.id, now);
  // Kept only when it was there already, so that what is rolled back is written down next time.
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
