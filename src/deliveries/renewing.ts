/** How long a lease lasts without being renewed; a worker that was killed holds nobody's mail longer than this. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 5_000;

/** After its lease has run out a worker is given this long before it counts as dead: clocks differ a little. */
export const GRACE_MS = 5_000;

export function leaseUntil(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}

/** Runs `work`, renewing a lease beside it; servers may take ten minutes to answer (RFC 5321 section 4.5.3.2). */
export async function whileRenewing<Result>(
  renew: () => Promise<unknown>,
  onTrouble: (error: unknown) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const timer = setInterval(() => void renew().catch(onTrouble), RENEW_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
