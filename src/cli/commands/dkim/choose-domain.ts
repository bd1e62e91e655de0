import type { Context } from '../../../platform/context.js';
import { domainOf } from '../../../platform/mail/address.js';
import { normalizeSigningDomain } from '../../../transports/dkim/key.js';
import { choosePublication } from '../../choose-publication.js';
import { CliError } from '../../cli-error.js';

/**
 * The domain to make keys for: that of From, which has to be the signature's (DMARC, RFC 7489 section 3.1.1).
 * @returns `hints`: a sentence where notices come from another domain, which needs keys of its own
 */
export async function chooseDomain(
  context: Pick<Context, 'db'>,
  { domain, publication }: { domain?: string; publication?: string },
): Promise<{ domain: string; hints: string[] }> {
  if (domain !== undefined) return { domain: parseDomain(domain), hints: [] };
  const { fromAddress, noticeAddress } = await choosePublication(context, publication);
  const chosen = parseDomain(domainOf(fromAddress));
  const other = noticeAddress === null ? undefined : normalizeSigningDomain(domainOf(noticeAddress));
  const hint = `Confirmations come from ${other}, which needs keys too: --domain ${other}`;
  return { domain: chosen, hints: other === undefined || other === chosen ? [] : [hint] };
}

function parseDomain(text: string): string {
  const domain = normalizeSigningDomain(text);
  if (domain === undefined) throw new CliError(`That is not a domain mail can be signed for: ${text}`, 2);
  return domain;
}
