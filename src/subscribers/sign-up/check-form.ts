import { domainToUnicode } from 'node:url';
import type { Context } from '../../platform/context.js';
import { domainOf, needsSmtpUtf8 } from '../../platform/mail/address.js';
import { addressMistake, parseAddress, type Address } from '../address.js';
import { isWellKnownMailDomain } from './common-mail-domains.js';
import type { SignUpForm } from './request.js';
import { repairAddress, suggestAddress } from './suggest-address.js';

/**
 * What is wrong with an address as it was typed; `domain` in letters, as its reader writes it. `beyond-ascii`: no mail server of ours
 * takes letters beyond ASCII before the @.
 */
export type AddressMistake =
  | { reason: 'empty' }
  | { reason: 'malformed'; detail: 'blank' | 'dot' | undefined }
  | { reason: 'typo'; suggestion: string }
  | { reason: 'no-mail-server'; domain: string }
  | { reason: 'beyond-ascii' };

/** Why a form comes back. Forms are counted by these reasons. */
export type FormMistake = AddressMistake | { reason: 'honeypot' };

type CheckContext = Pick<Context, 'checkMailDomain' | 'mailer'>;

/**
 * Checks what was typed, and nothing that is known of the address: the result is the same whether or not somebody
 * subscribes with it, so that nobody learns that from the form.
 */
export async function checkForm(
  context: CheckContext,
  { email, keep, website }: Pick<SignUpForm, 'email' | 'keep' | 'website'>,
): Promise<{ kind: 'fine'; email: string } | { kind: 'mistake'; mistake: FormMistake }> {
  // A browser may have filled in the hidden field by itself: its reader is told, where a program would be dropped in silence.
  if (website !== '') return { kind: 'mistake', mistake: { reason: 'honeypot' } };
  const checked = await checkAddress(context, email, keep === 'yes');
  return checked.kind === 'fine' ? { kind: 'fine', email: checked.address.email } : checked;
}

/**
 * Checks one address as it was typed.
 * @param isMeant the reader was asked whether another domain was meant, and kept this one
 */
export async function checkAddress(
  context: CheckContext,
  typed: string,
  isMeant: boolean,
): Promise<{ kind: 'fine'; address: Address } | { kind: 'mistake'; mistake: AddressMistake }> {
  const mistake = (found: AddressMistake) => ({ kind: 'mistake' as const, mistake: found });
  if (typed.trim() === '') return mistake({ reason: 'empty' });
  const parsed = parseAddress(typed);
  if (parsed.kind === 'malformed') {
    const detail = addressMistake(typed);
    const repaired = isMeant || detail !== undefined ? undefined : repairAddress(typed);
    return mistake(
      repaired === undefined ? { reason: 'malformed', detail } : { reason: 'typo', suggestion: repaired },
    );
  }
  const { email } = parsed.address;
  const suggestion = isMeant ? undefined : suggestAddress(email);
  if (suggestion !== undefined) return mistake({ reason: 'typo', suggestion });
  if (needsSmtpUtf8(email) && (await context.mailer.offersSmtpUtf8()) === false)
    return mistake({ reason: 'beyond-ascii' });
  const domain = domainOf(email);
  if (await takesMail(context, domain)) return { kind: 'fine', address: parsed.address };
  return mistake({ reason: 'no-mail-server', domain: domainToUnicode(domain) });
}

/** Whether mail to a domain may arrive. The DNS is not asked about well-known domains, which most addresses are at. */
export async function takesMail(
  { checkMailDomain }: Pick<Context, 'checkMailDomain'>,
  domain: string,
): Promise<boolean> {
  return isWellKnownMailDomain(domain) || (await checkMailDomain(domain)) !== 'none';
}
