import { domainToUnicode } from 'node:url';
import type { Context } from '../../../platform/context.js';
import { domainOf } from '../../../platform/mail/address.js';
import type { Publication } from '../../../publications/publication.js';
import { parseAddress, addressMistake, type Address } from '../../../subscribers/address.js';
import { isWellKnownMailDomain } from '../../../subscribers/sign-up/common-mail-domains.js';
import { suggestAddress } from '../../../subscribers/sign-up/suggest-address.js';
import type { FieldError, SignUpForm } from './form-schema.js';

/** Why a form comes back to her. Counted by these names. */
type MistakeReason = 'honeypot' | 'empty' | 'malformed' | 'typo' | 'no-mail-server';

export type Mistake = { kind: 'mistake'; reason: MistakeReason; error: FieldError };

type CheckContext = Pick<Context, 'templates' | 'checkMailDomain'>;

/**
 * Looks at what she typed, and at nothing that we know of it (S33): the answer is the same for readers of ours.
 * @returns the address to write to, or the one thing to change
 */
export async function checkForm(
  context: CheckContext,
  { locale }: Pick<Publication, 'locale'>,
  form: SignUpForm,
): Promise<Mistake | { kind: 'fine'; email: string }> {
  // Somebody's browser may have filled the trap: she is told, and loses nothing. A program is not helped by it.
  if (form.website !== '')
    return mistake('honeypot', { field: 'website', message: context.templates.t(locale, 'errors.honeypot') });
  const checked = await checkAddress(context, locale, form);
  return checked.kind === 'fine' ? { kind: 'fine', email: checked.address.email } : checked;
}

/**
 * The address alone, wherever a new one is typed.
 * @param typed `keep` is `yes` when she has been asked about its domain and meant it
 */
export async function checkAddress(
  context: CheckContext,
  locale: string,
  { email: typed, keep }: Pick<SignUpForm, 'email' | 'keep'>,
): Promise<Mistake | { kind: 'fine'; address: Address }> {
  const say = (key: string, values = {}) => context.templates.t(locale, `errors.email.${key}`, values);
  const wrong = (reason: MistakeReason, message: string, asked?: { suggestion: string }) =>
    mistake(reason, { field: 'email', message, ...asked });
  if (typed.trim() === '') return wrong('empty', say('empty'));
  const parsed = parseAddress(typed);
  if (parsed.kind === 'malformed') return wrong('malformed', say(addressMistake(typed) ?? 'malformed'));
  const { email } = parsed.address;
  const suggestion = keep === 'yes' ? undefined : suggestAddress(email);
  if (suggestion !== undefined) return wrong('typo', say('typo', { suggestion }), { suggestion });
  if (await takesMail(context, email)) return { kind: 'fine', address: parsed.address };
  return wrong('no-mail-server', say('noMailServer', { domain: domainToUnicode(domainOf(email)) }));
}

/** Domains that everybody knows are not asked about: most readers never wait for the DNS. */
async function takesMail({ checkMailDomain }: CheckContext, email: string): Promise<boolean> {
  const domain = domainOf(email);
  return isWellKnownMailDomain(domain) || (await checkMailDomain(domain)) !== 'none';
}

function mistake(reason: MistakeReason, error: FieldError): Mistake {
  return { kind: 'mistake', reason, error };
}
