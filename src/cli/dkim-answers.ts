import { dkimRecord, type Published } from '../platform/mail/dkim-record.js';
import type { Looked } from '../transports/activate-dkim-keys.js';
import { stateOf, type DkimRow } from '../transports/dkim-key.js';

/** A key as programs get it; `dns` only when somebody looked. */
export function shownKey(key: DkimRow, dns?: Published) {
  const { domain, selector, algorithm, createdAt, signsFrom, retiredAt } = key;
  const shown = { domain, selector, algorithm, state: stateOf(key), createdAt, signsFrom, retiredAt };
  return { ...shown, record: dkimRecord(key), ...(dns === undefined ? {} : { dns }) };
}

/** A key as people get it: what it does, and the record it needs in two ways of writing it. */
export function keyLines(key: DkimRow, dns?: Published): string[] {
  const { name, value, zone } = dkimRecord(key);
  const head = `${name}  (${key.algorithm}) ${stateWords(key)}`;
  if (stateOf(key) === 'retired') return [head, ''];
  const seen = dns === undefined ? [] : [`  in the DNS  ${dnsWords(dns)}`];
  return [head, ...seen, `  TXT value   ${value}`, `  zone file   ${zone}`, ''];
}

export function madeLines(keys: readonly DkimRow[], command: 'create' | 'rotate'): string[] {
  const [domain = ''] = keys.map((key) => key.domain);
  const kinds = keys.map(({ algorithm }) => algorithm);
  return [
    `Made ${count(keys)} for ${domain}. Publish ${keys.length === 1 ? 'this TXT record' : 'these TXT records'} in its DNS:`,
    '',
    ...keys.flatMap((key) => keyLines(key)),
    `Then: paperround dkim ${command} --activate --domain ${domain}`,
    ...(kinds.includes('rsa-sha256')
      ? []
      : ['Many receivers cannot check Ed25519 yet: to them this mail is unsigned.']),
  ];
}

export function activatedLines(
  domain: string,
  keys: readonly DkimRow[],
  retired: readonly DkimRow[],
): string[] {
  const lines = [
    `Mail from ${domain} is signed with ${count(keys)} from now on; workers know within half a minute.`,
  ];
  if (retired.length === 0) return lines;
  const names = retired.map(({ selector }) => selector).join(', ');
  return [...lines, `Retired: ${names}. Leave their records for a week, for mail still on its way.`];
}

export function unpublishedLines(looked: readonly Looked[]): string[] {
  return [
    'Nothing was changed. The DNS does not show every record yet:',
    ...looked.map(({ key, dns }) => `  ${dkimRecord(key).name}  ${dnsWords(dns)}`),
    'A new record can take some hours to be seen. --dns ADDRESS asks the domain’s own name server.',
  ];
}

function stateWords({ signsFrom, retiredAt }: DkimRow): string {
  if (retiredAt !== null) return `retired ${day(retiredAt)}`;
  return signsFrom === null ? 'does not sign yet' : `signs since ${day(signsFrom)}`;
}

function dnsWords(dns: Published): string {
  if (dns.kind === 'published') return 'as it should be';
  if (dns.kind === 'missing') return 'there is no such record';
  if (dns.kind === 'no-answer') return `could not be asked (${dns.reason})`;
  return dns.found.length > 1
    ? 'there are several records, and there must be one'
    : 'there is another record';
}

function count(keys: readonly DkimRow[]): string {
  return keys.length === 1 ? '1 key' : `${keys.length} keys`;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
