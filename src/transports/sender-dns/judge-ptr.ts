import { isIP } from 'node:net';
import { readAddresses, resolveRecords, type MailDns } from '../../platform/mail/dns/records.js';
import { noAnswer, toDnsCheck, type DnsCheck } from './dns-check.js';
import type { SendingServer } from './sending-servers.js';

/** Addresses of one host that are looked at. */
const MAX_ADDRESSES = 8;

/**
 * Whether the addresses that a server of our own sends from have names that lead back to them, which large receivers ask for
 * (https://support.google.com/a/answer/81126; RFC 8601 section 2.7.3, iprev). A company that sends for others looks after its own.
 */
export async function judgePtr(
  dns: MailDns,
  { provider, sendsFrom, mechanism, isLocal }: SendingServer,
): Promise<DnsCheck[]> {
  // Without a public name nothing can be known from here.
  if (provider !== undefined || mechanism === null) return [];
  const host = sendsFrom.replace(/^\[|\]$/g, '');
  const addresses =
    isIP(host) === 0 ? await readAddresses(dns, host) : { kind: 'records' as const, found: [host] };
  const where = { record: 'ptr', type: 'PTR', name: host } as const;
  if (addresses.kind === 'failed') return [toDnsCheck(where, noAnswer(addresses.reason))];
  if (addresses.found.length === 0)
    return [toDnsCheck(where, { status: 'look', sentence: `${host} has no address in the DNS.` })];
  const checks = await Promise.all(
    addresses.found.slice(0, MAX_ADDRESSES).map((ip) => judgeAddress(dns, ip, host)),
  );
  return isLocal ? checks.map(asProbable) : checks;
}

async function judgeAddress(dns: MailDns, ip: string, host: string): Promise<DnsCheck> {
  const where = { record: 'ptr', type: 'PTR', name: ip } as const;
  const names = await resolveRecords(() => dns.reverse(ip));
  if (names.kind === 'failed') return toDnsCheck(where, noAnswer(names.reason));
  const found = names.kind === 'records' ? names.found : [];
  if (found.length === 0)
    return toDnsCheck(where, {
      status: 'bad',
      sentence: `The address has no name. ${REFUSED}`,
      expected: host,
    });
  const forward = await Promise.all(found.slice(0, MAX_ADDRESSES).map((name) => readAddresses(dns, name)));
  const failed = forward.find((records) => records.kind === 'failed');
  if (forward.some((records) => records.kind === 'records' && records.found.some(isSameAs(ip))))
    return toDnsCheck(where, { status: 'good', sentence: 'Its name leads back to it.', found });
  if (failed !== undefined) return toDnsCheck(where, { ...noAnswer(failed.reason), found });
  return toDnsCheck(where, {
    status: 'bad',
    sentence: `Its name does not lead back to it. ${REFUSED}`,
    expected: host,
    found,
  });
}

const REFUSED =
  'Large receivers refuse mail from such addresses. Whoever gave you the address can set its name.';

const isSameAs = (ip: string) => (other: string) => other.toLowerCase() === ip.toLowerCase();

/** Of a server on this machine only the address of our pages is known: mail may leave by another. */
function asProbable(check: DnsCheck): DnsCheck {
  if (check.status !== 'bad') return check;
  return { ...check, status: 'look', sentence: `${check.sentence} If mail leaves by this address, that is.` };
}
