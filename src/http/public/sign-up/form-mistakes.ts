import type { Context } from '../../../platform/context.js';
import type { FormMistake } from '../../../subscribers/sign-up/check-form.js';
import type { FieldError } from './form-schema.js';

/** The message about a mistake in a form, for beside its field. */
export function describeMistake(
  { templates }: Pick<Context, 'templates'>,
  locale: string,
  mistake: FormMistake,
): FieldError {
  const message = (key: string, values = {}) => templates.t(locale, `errors.${key}`, values);
  switch (mistake.reason) {
    case 'honeypot':
      return { field: 'website', message: message('honeypot') };
    case 'empty':
      return { field: 'email', message: message('email.empty') };
    case 'malformed':
      return { field: 'email', message: message(`email.${mistake.detail ?? 'malformed'}`) };
    case 'typo': {
      const { suggestion } = mistake;
      return { field: 'email', message: message('email.typo', { suggestion }), suggestion };
    }
    case 'beyond-ascii':
      return { field: 'email', message: message('email.beyondAscii') };
    case 'no-mail-server':
      return { field: 'email', message: message('email.noMailServer', { domain: mistake.domain }) };
  }
}
