import { MINUTE_MS, SECOND_MS } from '../../platform/durations.js';

/** How long a lease lasts without being renewed, and so how long a worker that was killed keeps mail waiting. */
export const LEASE_MS = 15 * SECOND_MS;
export const RENEW_INTERVAL_MS = 5 * SECOND_MS;

/** After its lease has run out a worker is given this long before it counts as dead: clocks differ a little. */
const LEASE_GRACE_MS = 5 * SECOND_MS;

/** So long a dead worker's machine has to come back with its journal, before all that it was sending counts as uncertain. */
export const OTHER_MACHINE_GRACE_MS = MINUTE_MS;

export function leaseExpiry(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}

/** A lease that ran out before this is a dead worker's. */
export function deadLeaseCutoff(now: Date): Date {
  return new Date(now.getTime() - LEASE_GRACE_MS);
}

/** Runs `work`, renewing a lease beside it; servers may take ten minutes to reply (RFC 5321 section 4.5.3.2). */
export async function withLeaseRenewal<Result>(
  renew: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const timer = setInterval(() => void renew().catch(onFailure), RENEW_INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
