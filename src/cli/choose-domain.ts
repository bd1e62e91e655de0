import type { Context } from '../platform/context.js';
import { domainOf } from '../platform/mail/address.js';
import { signingDomain } from '../transports/dkim-key.js';
import { choosePublication } from './choose-publication.js';
import { Refusal } from './refusal.js';

/** Signatures count for the domain of From; notices may come from another one, which then needs keys of its own. */
export async function chooseDomain(
  context: Pick<Context, 'db'>,
  { domain, publication }: { domain?: string; publication?: string },
): Promise<{ domain: string; hints: string[] }> {
  if (domain !== undefined) return { domain: checked(domain), hints: [] };
  const { fromAddress, noticeAddress } = await choosePublication(context, publication);
  const chosen = checked(domainOf(fromAddress));
  const other = noticeAddress === null ? undefined : signingDomain(domainOf(noticeAddress));
  const hint = `Confirmations come from ${other}, which needs keys too: --domain ${other}`;
  return { domain: chosen, hints: other === undefined || other === chosen ? [] : [hint] };
}

function checked(text: string): string {
  const domain = signingDomain(text);
  if (domain === undefined) throw new Refusal(`That is not a domain mail can be signed for: ${text}`, 2);
  return domain;
}
