import { pollFarFeeds } from '../../articles/feeds/change-feeds.js';
import type { Context } from '../../platform/context.js';
import { HOUR_MS, MINUTE_MS } from '../../platform/durations.js';
import { makeFarJobsDue } from '../../platform/jobs/publish-outbox.js';
import { recomputeFarDueTimes } from '../../subscribers/due/recompute-far-due-times.js';
import { probeFarCircuits } from '../../transports/circuits/close-circuit.js';
import { endFarLeases, makeFarWorkDue } from './writes.js';

/** Twice the longest time that mail waits before it is tried again. */
const MAX_WORK_WAIT_MS = 10 * HOUR_MS;

/** Far more than a lease lasts, and more than clocks may differ. */
const MAX_LEASE_AHEAD_MS = 10 * MINUTE_MS;

/**
 * A clock that jumped ahead and was set back leaves times behind that are far away: jobs, leases, batches, feeds, circuits and
 * readers would wait for them. What is later than anything here ever waits for is due. Part of the sweep, which does not run
 * while the clocks disagree.
 */
export async function repairFarTimes({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const at = now();
  const later = (milliseconds: number) => new Date(at.getTime() + milliseconds);
  await db.transaction(async (tx) => {
    await makeFarJobsDue(tx, at);
    await endFarLeases(tx, later(MAX_LEASE_AHEAD_MS), at);
    await makeFarWorkDue(tx, later(MAX_WORK_WAIT_MS), at);
    await probeFarCircuits(tx, at);
    await pollFarFeeds(tx, at);
  });
  await recomputeFarDueTimes(db, at);
}
