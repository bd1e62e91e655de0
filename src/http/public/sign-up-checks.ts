import { domainToUnicode } from 'node:url';
import type { Context } from '../../platform/context.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import { parseAddress } from '../../subscribers/address.js';
import { isWellKnown } from '../../subscribers/mail-domains.js';
import { suggestionFor } from '../../subscribers/typo.js';
import type { FieldError, Form } from './sign-up-form.js';

/** Why a form comes back to her. Counted by these names. */
type Reason = 'trap' | 'empty' | 'malformed' | 'typo' | 'no-mail-server';

export type Mistake = { kind: 'mistake'; reason: Reason; error: FieldError };

/**
 * Looks at what she typed, and at nothing that we know of it (S33): the answer is the same for readers of ours.
 * @returns the address to write to, or the one thing to change
 */
export async function checkForm(
  context: Pick<Context, 'templates' | 'mailDomain'>,
  publication: Publication,
  form: Form,
): Promise<Mistake | { kind: 'fine'; email: string }> {
  const say = (key: string, values = {}) => context.templates.t(publication.locale, key, values);
  // Somebody's browser may have filled the trap: she is told, and loses nothing. A program is not helped by it.
  if (form.website !== '') return mistake('trap', { field: 'website', message: say('errors.trap') });
  if (form.email.trim() === '')
    return mistake('empty', { field: 'email', message: say('errors.email.empty') });
  const parsed = parseAddress(form.email);
  if (parsed.kind === 'malformed')
    return mistake('malformed', { field: 'email', message: say('errors.email.malformed') });
  const { email } = parsed.address;
  const suggestion = form.keep === 'yes' ? undefined : suggestionFor(email);
  if (suggestion !== undefined) {
    const message = say('errors.email.typo', { suggestion });
    return mistake('typo', { field: 'email', message, suggestion });
  }
  if (await takesMail(context, email)) return { kind: 'fine', email };
  const domain = domainToUnicode(domainOf(email));
  return mistake('no-mail-server', { field: 'email', message: say('errors.email.noMailServer', { domain }) });
}

/** Domains that everybody knows are not asked about: most readers never wait for the DNS. */
async function takesMail({ mailDomain }: Pick<Context, 'mailDomain'>, email: string): Promise<boolean> {
  const domain = domainOf(email);
  return isWellKnown(domain) || (await mailDomain(domain)) !== 'none';
}

function mistake(reason: Reason, error: FieldError): Mistake {
  return { kind: 'mistake', reason, error };
}
