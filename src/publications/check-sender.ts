import type { Context } from '../platform/context.js';
import { domainOf } from '../platform/mail/address.js';
import { listSigningKeys } from '../transports/dkim/reads.js';
import { normalizeSigningDomain } from '../transports/dkim/key.js';
import {
  checkReturnPath,
  checkSenderDns,
  checkSendingServers,
} from '../transports/sender-dns/check-sender-dns.js';
import type { Signer } from '../transports/sender-dns/dns-check.js';
import type { Check, CheckResults } from './check.js';
import type { Publication } from './publication.js';
import { noteChanges } from './dns-changes.js';
import { keepCheck } from './keep-check.js';
import { findCheck } from './reads.js';

type LookingContext = Pick<Context, 'config' | 'db' | 'dns' | 'fetchPage' | 'mailer' | 'now' | 'publicUrl'>;

type Sender = Pick<Publication, 'fromAddress' | 'noticeAddress' | 'signedBy' | 'serverSelector'>;

/** The domains that mail of a publication comes from, as signatures have them: of digests, and of notices. */
export function senderDomains({
  fromAddress,
  noticeAddress,
}: Pick<Publication, 'fromAddress' | 'noticeAddress'>): string[] {
  const domains = [fromAddress, ...(noticeAddress === null ? [] : [noticeAddress])].map(domainOf);
  return [...new Set(domains.flatMap((domain) => normalizeSigningDomain(domain) ?? []))];
}

/** Who signs: as an operator said, else Paperround where it has keys that sign, else the mail server. */
export async function findSigner(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publication: Sender,
): Promise<Signer> {
  if (publication.signedBy !== null) return publication.signedBy;
  const [domain = ''] = senderDomains(publication);
  return (await listSigningKeys(db, domain, now())).length > 0 ? 'paperround' : 'server';
}

/** Whether what was found is still about this sender. */
export async function isCheckOfNow(
  context: Pick<Context, 'db' | 'now'>,
  publication: Sender,
  { result }: Pick<Check<'dns'>, 'result'>,
): Promise<boolean> {
  return (
    result.signer === (await findSigner(context, publication)) &&
    result.selector === publication.serverSelector &&
    result.domains.map(({ domain }) => domain).join() === senderDomains(publication).join()
  );
}

/** Looks at the DNS of a publication's sender. Nothing is stored. */
export async function lookAtSender(
  context: LookingContext,
  publication: Sender,
): Promise<CheckResults['dns']> {
  const signer = await findSigner(context, publication);
  const selector = publication.serverSelector;
  const { bounceDomain } = context.config;
  const [domains, servers, returnPath] = await Promise.all([
    checkSenderDns(context, { domains: senderDomains(publication), signer, selector }),
    checkSendingServers(context),
    bounceDomain === undefined ? null : checkReturnPath(context, bounceDomain),
  ]);
  return { signer, selector, domains, servers, returnPath };
}

/** The same, and keeps what was found, with what has become worse since somebody looked. */
export async function checkSender(
  context: LookingContext,
  publication: Sender & Pick<Publication, 'id'>,
): Promise<CheckResults['dns']> {
  const found = await lookAtSender(context, publication);
  const before = await findCheck(context.db, publication.id, 'dns');
  const isSame = before !== undefined && (await isCheckOfNow(context, publication, before));
  const result = noteChanges(isSame ? before.result : undefined, found, context.now());
  await keepCheck(context, publication.id, { kind: 'dns', result });
  return result;
}
