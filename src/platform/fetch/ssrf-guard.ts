import ipaddr from 'ipaddr.js';

export type AllowList = { hosts: Set<string>; ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] };

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Parses FETCH_ALLOW. Each entry is a host name, an address (`::1`, `[::1]`) or a CIDR range. */
export function parseAllowList(entries: string[]): AllowList {
  const list: AllowList = { hosts: new Set(), ranges: [] };
  for (const entry of entries.map(normaliseHost)) {
    const range = parseRange(entry);
    if (range) list.ranges.push(range);
    else if (entry !== '') list.hosts.add(entry);
  }
  return list;
}

/**
 * Parses a URL and checks its scheme and that it has no credentials.
 * @returns a sentence for the operator when it may not be fetched
 */
export function parseFetchUrl(raw: string, base?: string): URL | string {
  const url = URL.canParse(raw, base) ? new URL(raw, base) : undefined;
  if (!url) return 'This is not a web address. It should look like https://example.com/feed.xml.';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `Only http and https addresses can be fetched, not ${url.protocol}`;
  }
  if (url.username !== '' || url.password !== '') {
    return 'This address contains a user name or a password. Remove it and try again.';
  }
  return url;
}

/**
 * A sentence for the operator about why `url`, whose host resolved to `addresses`, may not be fetched; undefined when it may.
 * One private address is enough to refuse it.
 */
export function findRefusalReason(url: URL, addresses: string[], allow: AllowList): string | undefined {
  if (addresses.length === 0) return `${url.hostname} has no address.`;
  if (allow.hosts.has(normaliseHost(url.hostname))) return undefined;
  const unlisted = addresses.filter((address) => !isAllowed(address, allow));
  if (!unlisted.every(isPublicAddress)) {
    return `${url.hostname} points inside your network. Ask whoever runs Paperround to allow it with FETCH_ALLOW.`;
  }
  if (unlisted.length > 0 && url.port !== '') {
    return `Only ports 80 and 443 are fetched, not ${url.port}. Ask whoever runs Paperround to allow ${url.hostname} with FETCH_ALLOW.`;
  }
  return undefined;
}

/**
 * Whether an address is of the public internet. False for all of the IANA special-purpose registries (private, loopback,
 * link-local, CGNAT, multicast, documentation, 6to4, Teredo, NAT64, IPv4-mapped), and for IPv6 outside of 2000::/3, such as
 * `::127.0.0.1` and unassigned addresses.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6);
}

/** A host in lower case, without the brackets of IPv6 and the dot of the root, to be compared and connected to. */
export function normaliseHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function parseRange(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (!entry.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(entry)) return undefined;
  if (!ipaddr.isValid(entry)) return undefined;
  const address = ipaddr.parse(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isAllowed(address: string, allow: AllowList): boolean {
  if (!ipaddr.isValid(address)) return false;
  // 127.0.0.0/8 in FETCH_ALLOW allows ::ffff:127.0.0.1 too.
  const parsed = ipaddr.process(address);
  return allow.ranges.some(([range, bits]) => parsed.kind() === range.kind() && parsed.match(range, bits));
}
