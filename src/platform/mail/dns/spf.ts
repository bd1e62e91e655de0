import ipaddr from 'ipaddr.js';
import { readAddresses, readTexts, resolveRecords, type MailDns } from './records.js';

/**
 * What a domain's SPF record says (RFC 7208). `several`: then none counts (section 4.5). `broken`: receivers take it for none
 * (`permerror`).
 */
export type SpfResult =
  | { kind: 'none' }
  | { kind: 'several'; records: string[] }
  | { kind: 'broken'; record: string; reason: string }
  | { kind: 'no-answer'; reason: string }
  | {
      kind: 'record';
      record: string;
      /** For the address that was asked about; undefined where none was. */
      verdict: 'pass' | 'fail' | 'softfail' | 'neutral' | undefined;
      /** Domains that it includes, at any depth. */
      includes: ReadonlySet<string>;
      /** It lets every server of the world pass. */
      letsAllPass: boolean;
    };

/** RFC 7208 section 4.6.4. */
const MAX_LOOKUPS = 10;
const MAX_HOSTS = 10;

type Walk = { dns: MailDns; ip: string | undefined; lookups: number; includes: Set<string> };

/** Ends a walk. */
class SpfFault extends Error {
  constructor(
    readonly kind: 'broken' | 'no-answer',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads the SPF record of a domain, and what it says of a server.
 * @param ip the server's address; absent: only what the record includes is found out
 */
export async function checkSpf(dns: MailDns, domain: string, ip?: string): Promise<SpfResult> {
  const texts = await readTexts(dns, domain);
  if (texts.kind === 'failed') return { kind: 'no-answer', reason: texts.reason };
  const records = texts.found.filter(isSpf);
  const [record, ...others] = records;
  if (record === undefined) return { kind: 'none' };
  if (others.length > 0) return { kind: 'several', records };
  const walk: Walk = { dns, ip, lookups: 0, includes: new Set() };
  try {
    const result = await evaluate(walk, domain, record);
    const letsAllPass = /\s\+?all(\s|$)/i.test(record);
    const verdict = ip === undefined ? undefined : result;
    return { kind: 'record', record, verdict, includes: walk.includes, letsAllPass };
  } catch (error) {
    if (!(error instanceof SpfFault)) throw error;
    if (error.kind === 'no-answer') return { kind: 'no-answer', reason: error.message };
    return { kind: 'broken', record, reason: error.message };
  }
}

function isSpf(text: string): boolean {
  return /^v=spf1( |$)/i.test(text);
}

type Verdict = 'pass' | 'fail' | 'softfail' | 'neutral';
const VERDICTS: Readonly<Record<string, Verdict>> = {
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
};

/** Section 4.6.2: from left to right, the first that matches counts. */
async function evaluate(walk: Walk, domain: string, record: string): Promise<Verdict> {
  const terms = record
    .split(/\s+/)
    .slice(1)
    .filter((term) => term !== '');
  let redirect: string | undefined;
  for (const term of terms) {
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      if (modifier[1]?.toLowerCase() === 'redirect') redirect = modifier[2];
      continue;
    }
    const mechanism = parseMechanism(term);
    if (await matches(walk, domain, mechanism)) return mechanism.verdict;
  }
  if (redirect === undefined) return 'neutral';
  return follow(walk, redirect, 'redirect');
}

/** `value` is a name or an address, `prefix` what stands behind it: `/24`, `//64` or `/24//64`. */
type Mechanism = { verdict: Verdict; name: string; value: string; prefix: string };

function parseMechanism(term: string): Mechanism {
  const [, qualifier = '', name = '', value = '', prefix = ''] =
    /^([-+~?]?)([a-z0-9]+)(?::([^/]+))?((?:\/\d+)?(?:\/\/\d+)?)$/i.exec(term) ?? [];
  if (name === '') throw new SpfFault('broken', `“${term}” cannot be read`);
  return {
    verdict: VERDICTS[qualifier === '' ? '+' : qualifier] ?? 'pass',
    name: name.toLowerCase(),
    value,
    prefix,
  };
}

async function matches(walk: Walk, domain: string, mechanism: Mechanism): Promise<boolean> {
  const { name, value, prefix } = mechanism;
  const target = value === '' ? domain : value;
  switch (name) {
    case 'all':
      return true;
    case 'ip4':
    case 'ip6':
      return isInRange(walk.ip, value + prefix);
    case 'include':
      walk.includes.add(target.toLowerCase());
      return (await follow(walk, target, 'include')) === 'pass';
    case 'a':
      countLookup(walk);
      return (await addressesOf(walk, target)).some((address) => isSame(walk.ip, address, mechanism));
    case 'mx':
      countLookup(walk);
      return (await mxAddresses(walk, target)).some((address) => isSame(walk.ip, address, mechanism));
    case 'ptr':
    case 'exists':
      // They name no server that can be known beforehand.
      countLookup(walk);
      return false;
    default:
      throw new SpfFault('broken', `“${name}” is no mechanism`);
  }
}

function countLookup(walk: Walk): void {
  walk.lookups += 1;
  if (walk.lookups > MAX_LOOKUPS)
    throw new SpfFault('broken', `it needs more than ${MAX_LOOKUPS} lookups, at which receivers give up`);
}

async function follow(walk: Walk, domain: string, how: 'include' | 'redirect'): Promise<Verdict> {
  countLookup(walk);
  // Macros differ from mail to mail (section 7).
  if (domain.includes('%')) return 'neutral';
  const texts = await readTexts(walk.dns, domain);
  if (texts.kind === 'failed') throw new SpfFault('no-answer', texts.reason);
  const [record, ...others] = texts.found.filter(isSpf);
  if (record === undefined || others.length > 0)
    throw new SpfFault(
      'broken',
      `its ${how} of ${domain} leads to ${record === undefined ? 'no' : 'more than one'} SPF record`,
    );
  return evaluate(walk, domain, record);
}

async function addressesOf({ dns, ip }: Walk, host: string): Promise<string[]> {
  if (ip === undefined) return [];
  const addresses = await readAddresses(dns, host);
  if (addresses.kind === 'failed') throw new SpfFault('no-answer', addresses.reason);
  return addresses.found;
}

async function mxAddresses(walk: Walk, domain: string): Promise<string[]> {
  if (walk.ip === undefined) return [];
  const exchanges = await resolveRecords(() => walk.dns.resolveMx(domain));
  if (exchanges.kind === 'failed') throw new SpfFault('no-answer', exchanges.reason);
  const hosts = exchanges.kind === 'records' ? exchanges.found.map(({ exchange }) => exchange) : [];
  const lists = await Promise.all(hosts.slice(0, MAX_HOSTS).map((host) => addressesOf(walk, host)));
  return lists.flat();
}

function isSame(ip: string | undefined, address: string, { prefix }: Mechanism): boolean {
  const [, four = '32', six = '128'] = /^(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(prefix) ?? [];
  return isInRange(ip, `${address}/${address.includes(':') ? six : four}`);
}

function isInRange(ip: string | undefined, range: string): boolean {
  if (ip === undefined) return false;
  const whole = range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`;
  if (!ipaddr.isValidCIDR(whole)) throw new SpfFault('broken', `“${range}” is no range of addresses`);
  const parsed = ipaddr.process(ip);
  const [base, bits] = ipaddr.parseCIDR(whole);
  return parsed.kind() === base.kind() && parsed.match(base, bits);
}
