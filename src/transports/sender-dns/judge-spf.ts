import { isIP } from 'node:net';
import { readAddresses, type MailDns } from '../../platform/mail/dns/records.js';
import { checkSpf, type SpfResult } from '../../platform/mail/dns/spf.js';
import { toDnsCheck, noAnswer, type DnsCheck } from './dns-check.js';
import type { SendingServer } from './sending-servers.js';

type SpfRecord = Extract<SpfResult, { kind: 'record' }>;
type Faulty = Exclude<SpfResult, { kind: 'record' | 'no-answer' }>;

/** Whether the SPF record of a domain lets our mail servers pass (RFC 7208). */
export async function judgeSpf(
  dns: MailDns,
  domain: string,
  servers: readonly SendingServer[],
): Promise<DnsCheck> {
  const where = { record: 'spf', type: 'TXT', name: domain } as const;
  const needed = servers.filter(({ provider }) => provider?.hasOwnEnvelope !== true);
  const spf = await checkSpf(dns, domain);
  if (spf.kind === 'no-answer') return toDnsCheck(where, noAnswer(spf.reason));
  if (spf.kind === 'none' && needed.length === 0) return toDnsCheck(where, describeUnneeded(servers));
  if (spf.kind !== 'record')
    return toDnsCheck(where, describeFault(spf, needed.length === 0 ? servers : needed));
  if (spf.letsAllPass) return toDnsCheck(where, describeOpen(spf));
  const verdicts = await Promise.all(
    needed.map(async (server) => ({ server, passes: await letsPass(dns, domain, server, spf) })),
  );
  return toDnsCheck(where, describeVerdicts(spf, verdicts));
}

/** `unknown`: which addresses the server sends from cannot be told from here. */
type Verdict = { server: SendingServer; passes: 'yes' | 'no' | 'unknown' };

async function letsPass(
  dns: MailDns,
  domain: string,
  { provider, sendsFrom, isLocal }: SendingServer,
  { includes }: SpfRecord,
): Promise<Verdict['passes']> {
  if (provider !== undefined) return includes.has(provider.spf) ? 'yes' : 'no';
  const host = sendsFrom.replace(/^\[|\]$/g, '');
  const addresses =
    isIP(host) === 0 ? await readAddresses(dns, host) : { kind: 'records' as const, found: [host] };
  if (addresses.kind === 'failed' || addresses.found.length === 0) return 'unknown';
  const results = await Promise.all(addresses.found.map((ip) => checkSpf(dns, domain, ip)));
  const isPassing = results.every((result) => result.kind === 'record' && result.verdict === 'pass');
  if (isPassing) return 'yes';
  return isLocal ? 'unknown' : 'no';
}

function describeVerdicts({ record }: SpfRecord, verdicts: readonly Verdict[]) {
  const found = [record];
  const open = verdicts.filter(({ passes }) => passes !== 'yes');
  if (open.length === 0)
    return { status: 'good' as const, sentence: 'It lets your mail server pass.', found };
  const isSure = open.some(({ passes }) => passes === 'no');
  const names = open.map(({ server }) => nameOf(server)).join(' and ');
  return {
    status: isSure ? ('bad' as const) : ('look' as const),
    sentence: isSure
      ? `It does not let ${names} pass: receivers may take your mail for somebody else’s.`
      : `Whether it lets ${names} pass cannot be told from here.${ASK}`,
    expected: addMechanisms(
      record,
      open.map(({ server }) => server),
    ),
    found,
  };
}

function describeUnneeded(servers: readonly SendingServer[]) {
  const names = servers.map(nameOf).join(' and ');
  return {
    status: 'look' as const,
    sentence: `There is none, and it is not needed: ${names} sends with an envelope of its own. DKIM has to be right.`,
  };
}

function describeOpen({ record }: SpfRecord) {
  return {
    status: 'bad' as const,
    sentence: 'It lets every server of the world send in your name.',
    expected: record.replace(/\s\+?all\b/i, ' ~all'),
    found: [record],
  };
}

function describeFault(spf: Faulty, servers: readonly SendingServer[]) {
  const mechanisms = mechanismsOf(servers);
  const expected = mechanisms.length === 0 ? null : `v=spf1 ${mechanisms.join(' ')} ~all`;
  switch (spf.kind) {
    case 'none':
      return {
        status: 'bad' as const,
        sentence: `There is no SPF record.${expected === null ? ASK : ''}`,
        expected,
      };
    case 'several':
      return {
        status: 'bad' as const,
        sentence: `There are ${spf.records.length}, and then receivers count none. Put them together into one.`,
        expected,
        found: spf.records,
      };
    case 'broken':
      return {
        status: 'bad' as const,
        sentence: `Receivers cannot use it: ${spf.reason}.`,
        expected,
        found: [spf.record],
      };
  }
}

const ASK = ' Ask whoever runs the mail server which addresses it sends from.';

function mechanismsOf(servers: readonly SendingServer[]): string[] {
  return [...new Set(servers.flatMap(({ mechanism }) => mechanism ?? []))];
}

/** Before the mechanism that ends the record, since what is behind it is not read. Null: nothing is to be added. */
function addMechanisms(record: string, servers: readonly SendingServer[]): string | null {
  const terms = record.split(/\s+/);
  const added = mechanismsOf(servers)
    .filter((mechanism) => !terms.includes(mechanism))
    .join(' ');
  if (added === '') return null;
  return /\s[-~?+]?all\b|\sredirect=/i.test(record)
    ? record.replace(/\s(?=[-~?+]?all\b|redirect=)/i, ` ${added} `)
    : `${record} ${added}`;
}

function nameOf({ provider, host, isLocal }: SendingServer): string {
  return provider?.name ?? (isLocal ? 'the mail server beside Paperround' : host);
}
