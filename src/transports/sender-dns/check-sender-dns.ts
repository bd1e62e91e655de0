import type { Context } from '../../platform/context.js';
import { normalizeSigningDomain } from '../dkim/key.js';
import type { DnsCheck, Signer } from './dns-check.js';
import { judgeOwnKeys, judgeServerKey } from './judge-dkim.js';
import { judgeDmarc } from './judge-dmarc.js';
import { judgeMx } from './judge-mx.js';
import { judgeMtaSts } from './judge-mta-sts.js';
import { judgePtr } from './judge-ptr.js';
import { judgeSpf } from './judge-spf.js';
import { judgeTls } from './judge-tls.js';
import { listSendingServers } from './sending-servers.js';

/** The records of one domain. */
export type DomainChecks = { domain: string; checks: DnsCheck[] };

type SenderDns = {
  /** Behind the @ of the addresses that mail comes from. */
  domains: readonly string[];
  signer: Signer;
  /** Of the mail server's key; null: not known. */
  selector: string | null;
};

/** What the DNS says about mail from these domains. It asks name servers, and takes seconds where they do not answer. */
export function checkSenderDns(
  context: Pick<Context, 'db' | 'dns' | 'mailer' | 'publicUrl'>,
  { domains, signer, selector }: SenderDns,
): Promise<DomainChecks[]> {
  const { dns } = context;
  const servers = listSendingServers(context);
  const names = [...new Set(domains.flatMap((domain) => normalizeSigningDomain(domain) ?? []))];
  return Promise.all(
    names.map(async (domain) => {
      const [spf, dkim, dmarc, mx] = await Promise.all([
        judgeSpf(dns, domain, servers),
        signer === 'paperround'
          ? judgeOwnKeys(context, domain)
          : judgeServerKey(dns, domain, selector).then((check) => [check]),
        judgeDmarc(dns, domain),
        judgeMx(dns, domain),
      ]);
      return { domain, checks: [spf, ...dkim, dmarc, mx] };
    }),
  );
}

/** The addresses that our mail servers send from, and how mail gets to them. */
export async function checkSendingServers(
  context: Pick<Context, 'dns' | 'mailer' | 'publicUrl'>,
): Promise<DnsCheck[]> {
  const servers = listSendingServers(context);
  const names = await Promise.all(servers.map((server) => judgePtr(context.dns, server)));
  return [...names.flat(), ...servers.map(judgeTls)];
}

/** The domain that mail is returned to: it is in the envelope, so its SPF record is the one that receivers look at. */
export async function checkReturnPath(
  context: Pick<Context, 'dns' | 'mailer' | 'publicUrl' | 'fetchPage'>,
  domain: string,
): Promise<DomainChecks> {
  const { dns } = context;
  const checks = await Promise.all([
    judgeSpf(dns, domain, listSendingServers(context)),
    judgeMx(dns, domain),
    judgeMtaSts(context, domain),
  ]);
  return { domain, checks };
}
