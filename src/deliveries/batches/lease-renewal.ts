/** How long a lease lasts without being renewed; a worker that was killed holds nobody's mail longer than this. */
const LEASE_MS = 15_000;
const RENEW_INTERVAL_MS = 5_000;

/** After its lease has run out a worker is given this long before it counts as dead: clocks differ a little. */
const LEASE_GRACE_MS = 5_000;

/** So long a dead worker's own machine has to come back with its journal, before all it was at is in doubt. */
export const OTHER_MACHINE_GRACE_MS = 60_000;

export function leaseExpiry(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}

/** A lease that ran out before this is a dead worker's. */
export function deadLeaseCutoff(now: Date): Date {
  return new Date(now.getTime() - LEASE_GRACE_MS);
}

/** Runs `work`, renewing a lease beside it; servers may take ten minutes to answer (RFC 5321 section 4.5.3.2). */
export async function withLeaseRenewal<Result>(
  renew: () => Promise<unknown>,
  onTrouble: (error: unknown) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const timer = setInterval(() => void renew().catch(onTrouble), RENEW_INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
