import { HOUR_MS } from '../../platform/durations.js';
import type { FetchedPage } from '../../platform/fetch/fetch-page.js';
import { absoluteUrl } from '../clean/absolute-url.js';
import type { ParsedFeed } from '../parse/feed-item.js';

/** A hub, and the address by which it knows the feed. */
export type Hub = { url: string; topic: string };

/** The hub that a feed names: in the headers of its answer, else in the feed itself (WebSub 4). */
export function findHub({ hub, self }: ParsedFeed, { link, url }: FetchedPage): Hub | undefined {
  const links = readLinks(link ?? '', url);
  const found = links.get('hub') ?? hub;
  return found === undefined ? undefined : { url: found, topic: links.get('self') ?? self ?? url };
}

/** `<https://hub.example/>; rel="hub", <https://…>; rel="self"` (RFC 8288): the first of each relation. */
function readLinks(header: string, base: string): Map<string, string> {
  const links = new Map<string, string>();
  for (const [, target, parameters = ''] of header.slice(0, 10_000).matchAll(/<([^<>]*)>([^<]*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    const url = absoluteUrl(target, base);
    for (const name of (relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/))
      if (url !== undefined && !links.has(name)) links.set(name, url);
  }
  return links;
}

/** A hub is asked when its lease ends before the first of these, or was never given, and it was not asked since the second. */
export type HubRenewalCutoffs = { leaseEndsBefore: Date; requestedBefore: Date };

const HUB_RENEW_BEFORE_MS = 24 * HOUR_MS;

const HUB_RETRY_AFTER_MS = 6 * HOUR_MS;

export function hubRenewalCutoffs(now: Date): HubRenewalCutoffs {
  const time = now.getTime();
  return {
    leaseEndsBefore: new Date(time + HUB_RENEW_BEFORE_MS),
    requestedBefore: new Date(time - HUB_RETRY_AFTER_MS),
  };
}
