import { networkOf } from './network-limit.js';

const WINDOW_MS = 60 * 60_000;
/** Beyond these, further networks count as new: the figure is a sign among others, and no limit. */
const MAX_NETWORKS = 50_000;

/**
 * How often each network came within the hour, as far as this process saw. Kept in memory and forgotten with the hour:
 * where readers come from is not written down for a figure that only says "look twice".
 */
export function createNetworkCounter({ now }: { now: () => Date }): (ip: string | undefined) => number {
  let counts = new Map<string, number>();
  let until = 0;
  return (ip) => {
    if (now().getTime() >= until) [counts, until] = [new Map(), now().getTime() + WINDOW_MS];
    const network = networkOf(ip);
    const count = (counts.get(network) ?? 0) + 1;
    if (count > 1 || counts.size < MAX_NETWORKS) counts.set(network, count);
    return count;
  };
}
