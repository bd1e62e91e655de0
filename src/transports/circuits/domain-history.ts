import { HOUR_MS } from '../../platform/durations.js';
import { createRecentReplies, type RecentReplies } from './recent-replies.js';
import type { ReplyHealth } from './reply-health.js';

/** Replies of one domain. The counts are those of the hour that began at `startedAt` (milliseconds since 1970). */
export type DomainHistory = {
  recent: RecentReplies;
  startedAt: number;
  replyCount: number;
  rejectedCount: number;
};

/** So long are a domain's bounces counted for a storm of them, from its first bad reply. */
export const BOUNCE_STORM_WINDOW_MS = HOUR_MS;

/** Of domains with failures or rejections, the latest of them last. Where all goes well, nothing is stored. */
export type DomainHistories = Map<string, DomainHistory>;

const MAX_DOMAINS = 500;

/** Moves the domain to the end of the map, and drops the first one when there are too many. */
export function historyOf(domains: DomainHistories, domain: string): DomainHistory {
  const history = domains.get(domain) ?? createDomainHistory();
  domains.delete(domain);
  domains.set(domain, history);
  const [oldest] = domains.size > MAX_DOMAINS ? domains.keys() : [];
  if (oldest !== undefined) domains.delete(oldest);
  return history;
}

function createDomainHistory(): DomainHistory {
  return { recent: createRecentReplies(), startedAt: -Infinity, replyCount: 0, rejectedCount: 0 };
}

/** The reply that begins an hour is not counted for a storm: it was not drawn by chance, it was the first bad one. */
export function addToHistory(history: DomainHistory, health: ReplyHealth, at: number): void {
  history.recent.add({ domain: '', health, isServerWide: false }, at);
  if (at - history.startedAt > BOUNCE_STORM_WINDOW_MS) {
    history.startedAt = at;
    history.replyCount = 0;
    history.rejectedCount = 0;
    return;
  }
  history.replyCount += 1;
  if (health === 'rejected') history.rejectedCount += 1;
}
