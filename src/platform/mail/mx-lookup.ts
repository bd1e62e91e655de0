import { Resolver } from 'node:dns/promises';
import { LRUCache } from 'lru-cache';
import { MINUTE_MS, SECOND_MS } from '../durations.js';
import { resolveRecords } from './dns/records.js';

/** `none`: the DNS says that the domain takes no mail. `unknown`: the DNS did not answer in time. */
export type MailDomainResult = 'receives' | 'none' | 'unknown';

/** Looks up whether a domain (A-labels, lower case) takes mail. Never rejects, and resolves within 0.3 s. */
export type CheckMailDomain = (domain: string) => Promise<MailDomainResult>;

/** For an installation whose mail does not leave the computer: makes no DNS queries. */
export const skipMailDomainCheck: CheckMailDomain = async () => 'unknown';

const CHECK_TIMEOUT_MS = 300;
/** Longer than the 0.3 s that are waited for: a slower lookup still fills the cache for the next reader. */
const LOOKUP_TIMEOUT_MS = 2 * SECOND_MS;
const CACHE_TTL_MS: Readonly<Record<MailDomainResult, number>> = {
  receives: 10 * MINUTE_MS,
  // Short, since somebody may be setting up the domain.
  none: MINUTE_MS,
  unknown: 10 * SECOND_MS,
};
const MAX_CACHED_DOMAINS = 5000;
/** Limits DNS queries when forms come with many made-up domains. */
const MAX_CONCURRENT_LOOKUPS = 100;

/** RFC 2606, and `.internal`, which ICANN reserves for private use. */
const RESERVED_DOMAINS = /(^|\.)(example|internal|example\.(com|net|org))$/;

/** What no mail server of the internet can be behind: RFC 6761, 6762, 7686, 8375, 9476. */
const UNREACHABLE_DOMAINS = /(^|\.)(test|invalid|localhost|local|onion|alt|arpa)$/;

/** A name server that does not resolve this name knows only its own network, so its NXDOMAIN for others means nothing. */
const PUBLIC_DNS_PROBE_DOMAIN = 'org';

type MailDomainOptions = {
  /** Name servers, such as 192.0.2.53 or 127.0.0.1:5353. Absent: the system's. */
  servers?: string[];
  now: () => Date;
  /** True: names that are for tests and for one's own network count as taking no mail. */
  production?: boolean;
  /** Aborted when the process is to end, which then does not wait for name servers. */
  stopping: AbortSignal;
};

/** Makes the lookup (RFC 5321 section 5.1), with a cache. */
export function createMailDomainCheck({
  servers,
  now,
  production = false,
  stopping,
}: MailDomainOptions): CheckMailDomain {
  const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  stopping.addEventListener('abort', () => resolver.cancel(), { once: true });
  const clock = { now: () => now().getTime() };
  const cache = new LRUCache<string, MailDomainResult>({
    max: MAX_CACHED_DOMAINS,
    ttl: CACHE_TTL_MS.receives,
    ttlResolution: 0,
    perf: clock,
  });
  const inFlight = new Map<string, Promise<MailDomainResult>>();
  let resolvesPublicNames = false;

  const lookUp = async (domain: string): Promise<MailDomainResult> => {
    const found = await lookUpMx(resolver, domain);
    if (found === 'none') resolvesPublicNames ||= await canResolvePublicNames(resolver);
    const result = found === 'none' && !resolvesPublicNames ? 'unknown' : found;
    inFlight.delete(domain);
    cache.set(domain, result, { ttl: CACHE_TTL_MS[result] });
    return result;
  };

  return async (domain) => {
    if (RESERVED_DOMAINS.test(domain)) return 'unknown';
    if (UNREACHABLE_DOMAINS.test(domain)) return production ? 'none' : 'unknown';
    const cached = cache.get(domain);
    if (cached !== undefined) return cached;
    const running = inFlight.get(domain);
    if (running === undefined && inFlight.size >= MAX_CONCURRENT_LOOKUPS) return 'unknown';
    const lookup = running ?? lookUp(domain);
    inFlight.set(domain, lookup);
    return withinTimeout(lookup);
  };
}

async function withinTimeout(lookup: Promise<MailDomainResult>): Promise<MailDomainResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<MailDomainResult>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, 'unknown');
  });
  try {
    return await Promise.race([lookup, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function lookUpMx(resolver: Resolver, domain: string): Promise<MailDomainResult> {
  const exchanges = await resolveRecords(() => resolver.resolveMx(domain));
  if (exchanges.kind === 'failed') return 'unknown';
  if (exchanges.kind === 'no-name') return 'none';
  // A single exchange without a name, the null MX, says that the domain takes no mail (RFC 7505).
  if (exchanges.found.length > 0)
    return exchanges.found.some(({ exchange }) => exchange !== '') ? 'receives' : 'none';
  return await lookUpImplicitMx(resolver, domain);
}

/** Without an MX, the host of that name takes the mail (the implicit MX of RFC 5321). */
async function lookUpImplicitMx(resolver: Resolver, domain: string): Promise<MailDomainResult> {
  const hosts = await Promise.all([
    resolveRecords(() => resolver.resolve4(domain)),
    resolveRecords(() => resolver.resolve6(domain)),
  ]);
  if (hosts.some((host) => host.kind === 'records' && host.found.length > 0)) return 'receives';
  return hosts.some((host) => host.kind === 'failed') ? 'unknown' : 'none';
}

async function canResolvePublicNames(resolver: Resolver): Promise<boolean> {
  const servers = await resolveRecords(() => resolver.resolveNs(PUBLIC_DNS_PROBE_DOMAIN));
  return servers.kind === 'records' && servers.found.length > 0;
}
