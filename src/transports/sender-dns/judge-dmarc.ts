import { checkDmarc, type DmarcResult } from '../../platform/mail/dns/dmarc.js';
import type { MailDns } from '../../platform/mail/dns/records.js';
import { toDnsCheck, noAnswer, type DnsCheck } from './dns-check.js';

/** What large receivers ask of everybody who sends much (https://support.google.com/a/answer/81126). */
const LEAST_POLICY = 'v=DMARC1; p=none';

/** Whether a DMARC policy holds for a domain (RFC 9989). */
export async function judgeDmarc(dns: MailDns, domain: string): Promise<DnsCheck> {
  const where = { record: 'dmarc', type: 'TXT', name: `_dmarc.${domain}` } as const;
  const dmarc = await checkDmarc(dns, domain);
  switch (dmarc.kind) {
    case 'no-answer':
      return toDnsCheck(where, noAnswer(dmarc.reason));
    case 'none':
      return toDnsCheck(where, {
        status: 'bad',
        sentence: 'There is no policy. Large receivers refuse bulk mail from domains without one.',
        expected: LEAST_POLICY,
      });
    case 'several':
      return toDnsCheck(where, {
        status: 'bad',
        sentence: `At ${dmarc.name} there are ${dmarc.records.length}, and then receivers count none. Keep one.`,
        expected: LEAST_POLICY,
        found: dmarc.records,
      });
    case 'broken':
      return toDnsCheck(where, {
        status: 'bad',
        sentence: `Receivers cannot use it: ${dmarc.reason}.`,
        expected: LEAST_POLICY,
        found: [dmarc.record],
      });
    case 'policy':
      return toDnsCheck(where, describePolicy(dmarc));
  }
}

function describePolicy({
  name,
  record,
  inherited,
  assumed,
  unused,
}: Extract<DmarcResult, { kind: 'policy' }>) {
  const found = [record];
  if (assumed)
    return {
      status: 'look' as const,
      sentence: `The record at ${name} has no p=, and receivers take it for p=none. Say so.`,
      expected: record.replace(/^[^;]*/, LEAST_POLICY),
      found,
    };
  const holds = inherited ? `The policy of ${name} holds here, too.` : 'There is a policy.';
  const removed = unused.map((tag) => `${tag}=`).join(', ');
  const note = unused.length === 0 ? '' : ` Take ${removed} out: it means nothing any more (RFC 9989).`;
  return { status: 'good' as const, sentence: holds + note, found };
}
