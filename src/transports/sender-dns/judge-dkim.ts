import type { Context } from '../../platform/context.js';
import { formatDkimRecord, type RecordLookupResult } from '../../platform/mail/dkim/dns-record.js';
import { readTexts, type MailDns } from '../../platform/mail/dns/records.js';
import { lookUpKeys, type KeyLookup } from '../dkim/activate-keys.js';
import { dkimKeyState } from '../dkim/key.js';
import { listDkimKeysOf } from '../dkim/reads.js';
import { toDnsCheck, noAnswer, type DnsCheck } from './dns-check.js';

/** Whether the DNS has the records of our keys of a domain (RFC 6376). */
export async function judgeOwnKeys(
  { db, dns }: Pick<Context, 'db' | 'dns'>,
  domain: string,
): Promise<DnsCheck[]> {
  const keys = (await listDkimKeysOf(db, domain)).filter((key) => dkimKeyState(key) !== 'retired');
  if (keys.length === 0) {
    const where = { record: 'dkim', type: 'TXT', name: `_domainkey.${domain}` } as const;
    const sentence = 'Paperround has no keys of this domain yet, so it signs nothing.';
    return [toDnsCheck(where, { status: 'bad', sentence })];
  }
  return (await lookUpKeys(keys, (name) => dns.resolveTxt(name))).map(judgeKey);
}

function judgeKey({ key, lookup }: KeyLookup): DnsCheck {
  const { name, value: expected } = formatDkimRecord(key);
  const where = { record: 'dkim', type: 'TXT', name } as const;
  const isSigning = dkimKeyState(key) === 'signing';
  if (lookup.kind === 'no-answer') return toDnsCheck(where, { ...noAnswer(lookup.reason), expected });
  if (lookup.kind !== 'published')
    return toDnsCheck(where, { status: 'bad', ...describeRecord(lookup, isSigning), expected });
  return toDnsCheck(where, {
    status: isSigning ? 'good' : 'look',
    sentence: isSigning ? 'Mail is signed with it.' : 'The record is there. Mail is not signed with it yet.',
    expected,
    found: [expected],
  });
}

function describeRecord(
  lookup: Extract<RecordLookupResult, { kind: 'missing' | 'different' }>,
  isSigning: boolean,
) {
  const harm = isSigning ? ' Receivers take the signature of your mail for a false one.' : '';
  if (lookup.kind === 'missing') return { sentence: `There is no such record.${harm}` };
  const what =
    lookup.found.length > 1
      ? 'There are several records, and there must be one.'
      : 'There is another record.';
  return { sentence: what + harm, found: lookup.found };
}

/** Whether the DNS has a key at the mail server's selector; which key it signs with only the server knows. */
export async function judgeServerKey(
  dns: MailDns,
  domain: string,
  selector: string | null,
): Promise<DnsCheck> {
  if (selector === null)
    return toDnsCheck(
      { record: 'dkim', type: 'TXT', name: `_domainkey.${domain}` },
      {
        status: 'look',
        sentence:
          'Ask whoever runs the mail server for the name of its key (selector), and enter it: then it is looked up.',
      },
    );
  const where = { record: 'dkim', type: 'TXT', name: `${selector}._domainkey.${domain}` } as const;
  const texts = await readTexts(dns, where.name);
  if (texts.kind === 'failed') return toDnsCheck(where, noAnswer(texts.reason));
  const { found } = texts;
  if (found.length === 0)
    return toDnsCheck(where, {
      status: 'bad',
      sentence: 'There is no key of this name. Is it the right one?',
    });
  if (found.length > 1)
    return toDnsCheck(where, {
      status: 'bad',
      sentence: 'There are several records, and there must be one.',
      found,
    });
  return /(^|;)\s*p\s*=\s*[^;\s]/.test(found.join(''))
    ? toDnsCheck(where, {
        status: 'good',
        sentence: 'There is a key. That the server signs with it the test mail shows.',
        found,
      })
    : toDnsCheck(where, { status: 'bad', sentence: 'The record has no key: it was taken back.', found });
}
