import { Resolver } from 'node:dns/promises';

/** `none`: whoever runs the domain says that it takes no mail. `unknown`: nobody could say in time. */
export type MailDomainResult = 'receives' | 'none' | 'unknown';

/** Does a domain (A-labels, lower case) take mail? Always answers, in a third of a second at most. */
export type CheckMailDomain = (domain: string) => Promise<MailDomainResult>;

/** Where no mail leaves the computer, no question does. */
export const skipMailDomainCheck: CheckMailDomain = async () => 'unknown';

const CHECK_TIMEOUT_MS = 300;
/** The DNS may take this long to fill the memory for the next reader, though the first was not kept waiting. */
const LOOKUP_TIMEOUT_MS = 2000;
const CACHE_TTL_MS: Readonly<Record<MailDomainResult, number>> = {
  receives: 10 * 60_000,
  // Somebody may be setting up the domain right now.
  none: 60_000,
  unknown: 10_000,
};
const MAX_CACHED_DOMAINS = 5000;
/** A flood of made-up domains does not become one of questions. */
const MAX_CONCURRENT_LOOKUPS = 100;

/** RFC 2606, 6761, 6762, 7686, 8375, 9476, and what ICANN keeps for private use. */
const RESERVED_DOMAINS =
  /(^|\.)(test|example|invalid|localhost|local|onion|alt|internal|arpa|example\.(com|net|org))$/;

/** A name server that does not know it sees no world beyond its own network, and its "no such name" means nothing. */
const PUBLIC_DNS_PROBE_DOMAIN = 'org';

type MailDomainOptions = {
  /** Name servers, like 192.0.2.53 or 127.0.0.1:5353. Absent: the system's. */
  servers?: string[];
  now: () => Date;
  /** Aborted when the process is to end: it does not wait for name servers. */
  stopping: AbortSignal;
};

/** Asks the DNS whether a domain takes mail (RFC 5321 section 5.1), remembers for minutes, and gives up early. */
export function createMailDomainCheck({ servers, now, stopping }: MailDomainOptions): CheckMailDomain {
  const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  stopping.addEventListener('abort', () => resolver.cancel(), { once: true });
  const remembered = new Map<string, { answer: MailDomainResult; until: number }>();
  const underWay = new Map<string, Promise<MailDomainResult>>();
  let sighted = false;

  const look = async (domain: string): Promise<MailDomainResult> => {
    const said = await lookUpMx(resolver, domain);
    if (said === 'none') sighted ||= await canResolvePublicNames(resolver);
    const answer = said === 'none' && !sighted ? 'unknown' : said;
    underWay.delete(domain);
    const [oldest] = remembered.keys();
    if (remembered.size >= MAX_CACHED_DOMAINS && oldest !== undefined) remembered.delete(oldest);
    remembered.set(domain, { answer, until: now().getTime() + CACHE_TTL_MS[answer] });
    return answer;
  };

  return async (domain) => {
    if (RESERVED_DOMAINS.test(domain)) return 'unknown';
    const last = remembered.get(domain);
    if (last !== undefined && last.until > now().getTime()) return last.answer;
    const asked = underWay.get(domain);
    if (asked === undefined && underWay.size >= MAX_CONCURRENT_LOOKUPS) return 'unknown';
    const looking = asked ?? look(domain);
    underWay.set(domain, looking);
    return withinTimeout(looking);
  };
}

async function withinTimeout(looking: Promise<MailDomainResult>): Promise<MailDomainResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<MailDomainResult>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, 'unknown');
  });
  try {
    return await Promise.race([looking, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function lookUpMx(resolver: Resolver, domain: string): Promise<MailDomainResult> {
  const exchanges = await resolveRecords(() => resolver.resolveMx(domain));
  if (exchanges.kind === 'trouble') return 'unknown';
  if (exchanges.kind === 'no-name') return 'none';
  // A single exchange without a name is a refusal in writing (RFC 7505).
  if (exchanges.found.length > 0)
    return exchanges.found.some((one) => one.exchange !== '') ? 'receives' : 'none';
  return await lookUpImplicitMx(resolver, domain);
}

/** Without an MX, the host of that name takes the mail (the implicit MX of RFC 5321). */
async function lookUpImplicitMx(resolver: Resolver, domain: string): Promise<MailDomainResult> {
  const hosts = await Promise.all([
    resolveRecords(() => resolver.resolve4(domain)),
    resolveRecords(() => resolver.resolve6(domain)),
  ]);
  if (hosts.some((host) => host.kind === 'records' && host.found.length > 0)) return 'receives';
  return hosts.some((host) => host.kind === 'trouble') ? 'unknown' : 'none';
}

async function canResolvePublicNames(resolver: Resolver): Promise<boolean> {
  const servers = await resolveRecords(() => resolver.resolveNs(PUBLIC_DNS_PROBE_DOMAIN));
  return servers.kind === 'records' && servers.found.length > 0;
}

type DnsRecords<Found> = { kind: 'records'; found: Found[] } | { kind: 'no-name' } | { kind: 'trouble' };

async function resolveRecords<Found>(ask: () => Promise<Found[]>): Promise<DnsRecords<Found>> {
  try {
    return { kind: 'records', found: await ask() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENODATA') return { kind: 'records', found: [] };
    return { kind: code === 'ENOTFOUND' ? 'no-name' : 'trouble' };
  }
}
