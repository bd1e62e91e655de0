import type { Context } from '../../platform/context.js';
import {
  isAllowedMx,
  mtaStsPolicyUrl,
  parseMtaStsPolicy,
  readMtaStsRecord,
} from '../../platform/mail/dns/mta-sts.js';
import { resolveRecords } from '../../platform/mail/dns/records.js';
import { noAnswer, toDnsCheck, type DnsCheck } from './dns-check.js';

/** Whether what comes back can reach the return path by its MTA-STS policy, where it has one (RFC 8461). */
export async function judgeMtaSts(
  context: Pick<Context, 'dns' | 'fetchPage'>,
  domain: string,
): Promise<DnsCheck> {
  const where = { record: 'mta-sts', type: 'TXT', name: `_mta-sts.${domain}` } as const;
  const sts = await readMtaStsRecord(context.dns, domain);
  switch (sts.kind) {
    case 'no-answer':
      return toDnsCheck(where, noAnswer(sts.reason));
    case 'none':
      return toDnsCheck(where, {
        status: 'good',
        sentence: 'There is no MTA-STS policy, and none is needed.',
      });
    case 'several':
    case 'broken':
      return toDnsCheck(where, {
        status: 'look',
        sentence: 'Servers cannot use the record, and do as if there were none.',
        expected: 'v=STSv1; id=1',
        found: sts.records,
      });
    case 'record':
      return toDnsCheck(where, { ...(await judgePolicy(context, domain)), found: [sts.record] });
  }
}

async function judgePolicy({ dns, fetchPage }: Pick<Context, 'dns' | 'fetchPage'>, domain: string) {
  const url = mtaStsPolicyUrl(domain);
  const page = await fetchPage(url, { accept: 'text/plain' });
  const isOwn = page.kind === 'fetched' && page.url === url;
  const policy = isOwn ? parseMtaStsPolicy(page.body.toString('utf8')) : undefined;
  if (policy === undefined)
    return {
      status: 'look' as const,
      sentence: `The record says that there is a policy, and at ${url} there is none that servers can use. They do as if there were none.`,
    };
  const exchanges = await resolveRecords(() => dns.resolveMx(domain));
  const hosts = exchanges.kind === 'records' ? exchanges.found.map(({ exchange }) => exchange) : [];
  const refused = hosts.filter((host) => !isAllowedMx(policy, host));
  if (refused.length === 0)
    return { status: 'good' as const, sentence: `There is a policy (${policy.mode}), and it names your MX.` };
  return {
    status: policy.mode === 'enforce' ? ('bad' as const) : ('look' as const),
    sentence: `The policy (${policy.mode}) does not name ${refused.join(' and ')}: servers that keep to it return nothing there.`,
  };
}
