import { Resolver } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { SECOND_MS } from '../../durations.js';

/** What is asked of the DNS about mail. */
export type MailDns = Pick<Resolver, 'resolveTxt' | 'resolveMx' | 'reverse'> & {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
};

const LOOKUP_TIMEOUT_MS = 3 * SECOND_MS;

/** Names that nobody can have (RFC 6761): the system's name servers are not asked for them. */
const RESERVED_NAME = /(^|\.)(example|test|invalid|localhost)\.?$/i;

/** @param servers name servers, such as 192.0.2.53 or 127.0.0.1:5353; absent: the system's */
export function createMailDns(servers?: readonly string[]): MailDns {
  const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 2 });
  if (servers !== undefined) {
    resolver.setServers(servers);
    return resolver;
  }
  const ask =
    <Found>(resolve: (name: string) => Promise<Found>) =>
    (name: string) =>
      RESERVED_NAME.test(name) ? Promise.reject(noSuchName(name)) : resolve(name);
  return {
    resolveTxt: ask((name) => resolver.resolveTxt(name)),
    resolveMx: ask((name) => resolver.resolveMx(name)),
    resolve4: ask((name) => resolver.resolve4(name)),
    resolve6: ask((name) => resolver.resolve6(name)),
    reverse: (ip) => (isPublicAddress(ip) ? resolver.reverse(ip) : Promise.reject(noSuchName(ip))),
  };
}

function noSuchName(name: string): Error {
  return Object.assign(new Error(`There is no ${name}`), { code: 'ENOTFOUND' });
}

function isPublicAddress(ip: string): boolean {
  return ipaddr.isValid(ip) && ipaddr.process(ip).range() === 'unicast';
}

/** `failed`: nobody knows, because the name server did not answer, or not properly. */
export type DnsRecords<Found> =
  | { kind: 'records'; found: Found[] }
  | { kind: 'no-name' }
  | { kind: 'failed'; reason: string };

export async function resolveRecords<Found>(resolve: () => Promise<Found[]>): Promise<DnsRecords<Found>> {
  try {
    return { kind: 'records', found: await resolve() };
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENODATA') return { kind: 'records', found: [] };
    return code === 'ENOTFOUND' ? { kind: 'no-name' } : { kind: 'failed', reason: code };
  }
}

/** None where there is no such name. */
type FoundRecords<Found> = Exclude<DnsRecords<Found>, { kind: 'no-name' }>;

/** The texts of a name's TXT records, each put together (RFC 1035 section 3.3.14). */
export async function readTexts(dns: MailDns, name: string): Promise<FoundRecords<string>> {
  const records = await resolveRecords(() => dns.resolveTxt(name));
  if (records.kind === 'failed') return records;
  const found = records.kind === 'records' ? records.found : [];
  return { kind: 'records', found: found.map((strings) => strings.join('')) };
}

/** All addresses of a host. */
export async function readAddresses(dns: MailDns, host: string): Promise<FoundRecords<string>> {
  const both = await Promise.all([
    resolveRecords(() => dns.resolve4(host)),
    resolveRecords(() => dns.resolve6(host)),
  ]);
  const found = both.flatMap((records) => (records.kind === 'records' ? records.found : []));
  const failed = both.find((records) => records.kind === 'failed');
  return found.length === 0 && failed !== undefined ? failed : { kind: 'records', found };
}
