import { formatDkimRecord, type RecordLookupResult } from '../../../platform/mail/dkim/dns-record.js';
import type { KeyLookup } from '../../../transports/dkim/activate-keys.js';
import { dkimKeyState, type StoredDkimKey } from '../../../transports/dkim/key.js';
import { countNoun } from '../../../platform/text/count-noun.js';

/** A key as JSON for programs; `dns` only after a lookup. */
export function keyToJson(key: StoredDkimKey, dns?: RecordLookupResult) {
  const { domain, selector, algorithm, createdAt, signsFrom, retiredAt } = key;
  const shown = { domain, selector, algorithm, state: dkimKeyState(key), createdAt, signsFrom, retiredAt };
  return { ...shown, record: formatDkimRecord(key), ...(dns === undefined ? {} : { dns }) };
}

/** A key in lines for people: its state, and its DNS record in two ways of writing it. */
export function keyLines(key: StoredDkimKey, dns?: RecordLookupResult): string[] {
  const { name, value, zone } = formatDkimRecord(key);
  const head = `${name}  (${key.algorithm}) ${describeKeyState(key)}`;
  if (dkimKeyState(key) === 'retired') return [head, ''];
  const seen = dns === undefined ? [] : [`  in the DNS  ${describeDnsState(dns)}`];
  return [head, ...seen, `  TXT value   ${value}`, `  zone file   ${zone}`, ''];
}

export function madeLines(keys: readonly StoredDkimKey[], command: 'create' | 'rotate'): string[] {
  const [domain = ''] = keys.map((key) => key.domain);
  const kinds = keys.map(({ algorithm }) => algorithm);
  return [
    `Made ${countNoun(keys.length, 'key')} for ${domain}. Publish ${keys.length === 1 ? 'this TXT record' : 'these TXT records'} in its DNS:`,
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
  keys: readonly StoredDkimKey[],
  retired: readonly StoredDkimKey[],
): string[] {
  const lines = [
    `Mail from ${domain} is signed with ${countNoun(keys.length, 'key')} from now on; workers know within half a minute.`,
  ];
  if (retired.length === 0) return lines;
  const names = retired.map(({ selector }) => selector).join(', ');
  return [...lines, `Retired: ${names}. Leave their records for a week, for mail still on its way.`];
}

export function unpublishedLines(looked: readonly KeyLookup[]): string[] {
  return [
    'Nothing was changed. The DNS does not show every record yet:',
    ...looked.map(({ key, lookup }) => `  ${formatDkimRecord(key).name}  ${describeDnsState(lookup)}`),
    'A new record can take some hours to be seen. --dns ADDRESS asks the domain’s own name server.',
  ];
}

function describeKeyState({ signsFrom, retiredAt }: StoredDkimKey): string {
  if (retiredAt !== null) return `retired ${day(retiredAt)}`;
  return signsFrom === null ? 'does not sign yet' : `signs since ${day(signsFrom)}`;
}

function describeDnsState(dns: RecordLookupResult): string {
  if (dns.kind === 'published') return 'as it should be';
  if (dns.kind === 'missing') return 'there is no such record';
  if (dns.kind === 'no-answer') return `could not be asked (${dns.reason})`;
  return dns.found.length > 1
    ? 'there are several records, and there must be one'
    : 'there is another record';
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
