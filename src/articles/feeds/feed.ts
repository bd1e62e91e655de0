/** Where articles of a publication come from. */
export type Feed = {
  id: string;
  publicationId: string;
  url: string;
  title: string | null;
  etag: string | null;
  lastModified: string | null;
  nextPollAt: Date;
  lastPolledAt: Date | null;
  firstPollDone: boolean;
  includeNewest: number;
  failingSince: Date | null;
  failure: string | null;
  /** Between two looks that work; it follows the feed's own rhythm. */
  pollMinutes: number;
  /** When it last brought something new. */
  lastNewAt: Date | null;
  /** Since then its address says that it is gone for good (410), and nobody looks there. */
  goneAt: Date | null;
  /** The hub it names, what it calls itself there, and how we stand with it. */
  hubUrl: string | null;
  hubTopic: string | null;
  hubRequestedAt: Date | null;
  hubKeyId: string | null;
  hubLeaseUntil: Date | null;
  createdAt: Date;
};

export type FailingFeed = Pick<Feed, 'id' | 'publicationId' | 'url' | 'failure'> & { failingSince: Date };

/** Hubs whose promise ends before a moment, or was never given, and that were not asked since another. */
export type HubRenewalCutoffs = { leaseEndsBefore: Date; requestedBefore: Date };

const HOUR_MS = 3_600_000;
const HUB_RENEW_BEFORE_MS = 24 * HOUR_MS;
const HUB_RETRY_AFTER_MS = 6 * HOUR_MS;

export function hubRenewalCutoffs(now: Date): HubRenewalCutoffs {
  const time = now.getTime();
  return {
    leaseEndsBefore: new Date(time + HUB_RENEW_BEFORE_MS),
    requestedBefore: new Date(time - HUB_RETRY_AFTER_MS),
  };
}

const MINUTE_MS = 60_000;
const MIN_RETRY_MS = 10 * MINUTE_MS;
const MAX_RETRY_MS = 24 * HOUR_MS;
/** A wait is lengthened by up to this share of it: feeds that fail together do not come back together. */
const JITTER = 0.2;

/** When to look again after a poll that worked. */
export function nextPollTime({ pollMinutes }: Pick<Feed, 'pollMinutes'>, now: Date): Date {
  return new Date(now.getTime() + pollMinutes * MINUTE_MS);
}

/**
 * When to look again after one that failed: after half of the time it has been failing, at least ten minutes and at most
 * a day, and a little later by chance. A site that was away for an evening is found within the hour or two after it.
 * @param chance from 0 to 1
 * @param retryAfter what the server asked for, in seconds; at most a day
 */
export function nextPollTimeAfterFailure(
  { failingSince, now, retryAfter = 0 }: { failingSince: Date; now: Date; retryAfter?: number | undefined },
  chance: number,
): Date {
  const failing = now.getTime() - failingSince.getTime();
  const wait = Math.min(Math.max(failing / 2, MIN_RETRY_MS), MAX_RETRY_MS) * (1 + JITTER * chance);
  return new Date(now.getTime() + Math.max(wait, Math.min(retryAfter * 1000, MAX_RETRY_MS)));
}
