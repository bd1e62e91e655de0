import { readAddresses, resolveRecords, type MailDns } from '../../platform/mail/dns/records.js';
import { toDnsCheck, noAnswer, type DnsCheck } from './dns-check.js';

const UNREACHABLE =
  'Replies and bounces do not reach you, and many receivers refuse mail from a domain that takes none.';

/** Whether a domain takes the mail that comes back (RFC 5321 section 5.1, RFC 7505). */
export async function judgeMx(dns: MailDns, domain: string): Promise<DnsCheck> {
  const where = { record: 'mx', type: 'MX', name: domain } as const;
  const exchanges = await resolveRecords(() => dns.resolveMx(domain));
  if (exchanges.kind === 'failed') return toDnsCheck(where, noAnswer(exchanges.reason));
  if (exchanges.kind === 'no-name')
    return toDnsCheck(where, { status: 'bad', sentence: `There is no domain ${domain}. ${UNREACHABLE}` });
  const found = exchanges.found
    .toSorted((one, other) => one.priority - other.priority)
    .map(({ priority, exchange }) => `${priority} ${exchange === '' ? '.' : exchange}`);
  if (exchanges.found.some(({ exchange }) => exchange !== ''))
    return toDnsCheck(where, { status: 'good', sentence: 'It takes mail.', found });
  if (found.length > 0)
    return toDnsCheck(where, {
      status: 'bad',
      sentence: `It says that it takes no mail. ${UNREACHABLE}`,
      found,
    });
  return toDnsCheck(where, judgeHost(await readAddresses(dns, domain)));
}

/** Without an MX, the host of that name takes the mail. */
function judgeHost(addresses: Awaited<ReturnType<typeof readAddresses>>) {
  if (addresses.kind === 'failed') return noAnswer(addresses.reason);
  if (addresses.found.length === 0)
    return { status: 'bad' as const, sentence: `There is no MX record. ${UNREACHABLE}` };
  return {
    status: 'look' as const,
    sentence: 'There is no MX record, so mail for it goes to the host itself. Does that take mail?',
  };
}
