import ipaddr from 'ipaddr.js';
import type { FetchRefusal } from './fetch-failure.js';

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

/** Whether this is an entry that a host can match. */
export function isAllowListEntry(entry: string): boolean {
  if (parseRange(normaliseHost(entry)) !== undefined) return true;
  return /^(?=.*[a-z])[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(normaliseHost(entry)) && !entry.includes('..');
}

/**
 * Parses a URL and checks its scheme and that it has no credentials.
 * @returns why it may not be fetched, where it may not
 */
export function parseFetchUrl(raw: string, base?: string): URL | FetchRefusal {
  const url = URL.canParse(raw, base) ? new URL(raw, base) : undefined;
  if (!url) return { code: 'no-web-address' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { code: 'unsupported-scheme', scheme: url.protocol };
  if (url.username !== '' || url.password !== '') return { code: 'credentials-in-address' };
  return url;
}

/**
 * Why `url`, whose host resolved to `addresses`, may not be fetched; undefined when it may. One private address is enough to
 * refuse it.
 */
export function findRefusal(url: URL, addresses: string[], allow: AllowList): FetchRefusal | undefined {
  const host = url.hostname;
  if (addresses.length === 0) return { code: 'no-ip-address', host };
  if (allow.hosts.has(normaliseHost(host))) return undefined;
  const unlisted = addresses.filter((address) => !isAllowed(address, allow));
  if (!unlisted.every(isPublicAddress)) return { code: 'private-address', host };
  if (unlisted.length > 0 && url.port !== '')
    return { code: 'port-not-allowed', host, port: Number(url.port) };
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
