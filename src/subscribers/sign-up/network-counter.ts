import { networkOf } from '../../platform/crypto/network-hash.js';
import { HOUR_MS } from '../../platform/durations.js';

/** Networks beyond these count as new each time: the figure is one sign of risk among others, not a limit. */
const MAX_NETWORKS = 50_000;

/**
 * Counts how often each network came within the hour, as far as this process saw. Only in memory: where readers come from is
 * not written down for a sign of risk.
 */
export function createNetworkCounter({ now }: { now: () => Date }): (ip: string | undefined) => number {
  let counts = new Map<string, number>();
  let resetsAt = 0;
  return (ip) => {
    if (now().getTime() >= resetsAt) [counts, resetsAt] = [new Map(), now().getTime() + HOUR_MS];
    const network = networkOf(ip);
    const count = (counts.get(network) ?? 0) + 1;
    if (count > 1 || counts.size < MAX_NETWORKS) counts.set(network, count);
    return count;
  };
}
