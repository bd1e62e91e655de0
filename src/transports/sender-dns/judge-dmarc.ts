import { checkDmarc } from '../../platform/mail/dns/dmarc.js';
import type { MailDns } from '../../platform/mail/dns/records.js';
import { toDnsCheck, noAnswer, type DnsCheck } from './dns-check.js';

/** What large receivers ask of everybody who sends much (https://support.google.com/a/answer/81126). */
const LEAST_POLICY = 'v=DMARC1; p=none';

/** Whether a domain has a DMARC policy (RFC 7489). */
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
      return toDnsCheck(where, {
        status: 'good',
        sentence: dmarc.inherited ? `The policy of ${dmarc.name} holds here, too.` : 'There is a policy.',
        found: [dmarc.record],
      });
  }
}
