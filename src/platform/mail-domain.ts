import { Resolver } from 'node:dns/promises';

/** `none`: whoever runs the domain says that it takes no mail. `unknown`: nobody could say in time. */
export type MailDomainAnswer = 'receives' | 'none' | 'unknown';

/** Does a domain (A-labels, lower case) take mail? Always answers, in a third of a second at most. */
export type AskMailDomain = (domain: string) => Promise<MailDomainAnswer>;

/** Where no mail leaves the computer, no question does. */
export const askNobody: AskMailDomain = async () => 'unknown';

const PATIENCE_MS = 300;
/** The DNS may take this long to fill the memory for the next reader, though the first was not kept waiting. */
const LOOKUP_MS = 2000;
const REMEMBERED_MS: Readonly<Record<MailDomainAnswer, number>> = {
  receives: 10 * 60_000,
  // Somebody may be setting up the domain right now.
  none: 60_000,
  unknown: 10_000,
};
const MOST_REMEMBERED = 5000;
/** A flood of made-up domains does not become one of questions. */
const MOST_AT_ONCE = 100;

/** RFC 2606, 6761, 6762, 7686, 8375, 9476, and what ICANN keeps for private use. */
const RESERVED =
  /(^|\.)(test|example|invalid|localhost|local|onion|alt|internal|arpa|example\.(com|net|org))$/;

/** A name server that does not know it sees no world beyond its own network, and its "no such name" means nothing. */
const WITNESS = 'org';

type Settings = {
  /** Name servers, like 192.0.2.53 or 127.0.0.1:5353. Absent: the system's. */
  servers?: string[];
  now: () => Date;
  /** Aborted when the process is to end: it does not wait for name servers. */
  stopping: AbortSignal;
};

/** Asks the DNS whether a domain takes mail (RFC 5321 section 5.1), remembers for minutes, and gives up early. */
export function createMailDomain({ servers, now, stopping }: Settings): AskMailDomain {
  const resolver = new Resolver({ timeout: LOOKUP_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  stopping.addEventListener('abort', () => resolver.cancel(), { once: true });
  const remembered = new Map<string, { answer: MailDomainAnswer; until: number }>();
  const underWay = new Map<string, Promise<MailDomainAnswer>>();
  let sighted = false;

  const look = async (domain: string): Promise<MailDomainAnswer> => {
    const said = await askDns(resolver, domain);
    if (said === 'none') sighted ||= await knowsTheWorld(resolver);
    const answer = said === 'none' && !sighted ? 'unknown' : said;
    underWay.delete(domain);
    const [oldest] = remembered.keys();
    if (remembered.size >= MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    remembered.set(domain, { answer, until: now().getTime() + REMEMBERED_MS[answer] });
    return answer;
  };

  return async (domain) => {
    if (RESERVED.test(domain)) return 'unknown';
    const last = remembered.get(domain);
    if (last !== undefined && last.until > now().getTime()) return last.answer;
    const asked = underWay.get(domain);
    if (asked === undefined && underWay.size >= MOST_AT_ONCE) return 'unknown';
    const looking = asked ?? look(domain);
    underWay.set(domain, looking);
    return inTime(looking);
  };
}

async function inTime(looking: Promise<MailDomainAnswer>): Promise<MailDomainAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<MailDomainAnswer>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, 'unknown');
  });
  try {
    return await Promise.race([looking, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function askDns(resolver: Resolver, domain: string): Promise<MailDomainAnswer> {
  const exchanges = await records(() => resolver.resolveMx(domain));
  if (exchanges.kind === 'trouble') return 'unknown';
  if (exchanges.kind === 'no-name') return 'none';
  // A single exchange without a name is a refusal in writing (RFC 7505).
  if (exchanges.found.length > 0)
    return exchanges.found.some((one) => one.exchange !== '') ? 'receives' : 'none';
  return await askForHost(resolver, domain);
}

/** Without an MX, the host of that name takes the mail (the implicit MX of RFC 5321). */
async function askForHost(resolver: Resolver, domain: string): Promise<MailDomainAnswer> {
  const hosts = await Promise.all([
    records(() => resolver.resolve4(domain)),
    records(() => resolver.resolve6(domain)),
  ]);
  if (hosts.some((host) => host.kind === 'records' && host.found.length > 0)) return 'receives';
  return hosts.some((host) => host.kind === 'trouble') ? 'unknown' : 'none';
}

async function knowsTheWorld(resolver: Resolver): Promise<boolean> {
  const servers = await records(() => resolver.resolveNs(WITNESS));
  return servers.kind === 'records' && servers.found.length > 0;
}

type Records<Found> = { kind: 'records'; found: Found[] } | { kind: 'no-name' } | { kind: 'trouble' };

async function records<Found>(ask: () => Promise<Found[]>): Promise<Records<Found>> {
  try {
    return { kind: 'records', found: await ask() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENODATA') return { kind: 'records', found: [] };
    return { kind: code === 'ENOTFOUND' ? 'no-name' : 'trouble' };
  }
}
