import type { Context } from '../../../platform/context.js';
import { describeMistake } from '../sign-up/form-mistakes.js';
import type { OtherResult } from './receive.js';

/** Why nothing was recorded, in the newsletter's language. `retryAfter` in seconds; `isAboutAddress`: it belongs beside that field. */
type Failure = { status: number; message: string; retryAfter?: number; isAboutAddress?: boolean };

const BUSY_SECONDS = 5;

/** Undefined: the sign-up was recorded. The status is as listmonk's API has it: 400 for whatever is wrong with a form. */
export function describeFailure(
  { templates }: Pick<Context, 'templates'>,
  received: OtherResult,
): Failure | undefined {
  const locale = received.kind === 'none' ? 'en' : received.publication.locale;
  const words = (key: string, values = {}) => templates.t(locale, `errors.${key}`, values);
  if (received.kind === 'none') return { status: 400, message: words('noNewsletter') };
  if (received.kind === 'invalid') return { status: 400, message: words('page.refused.what') };
  const { result } = received;
  switch (result.kind) {
    case 'recorded':
      return undefined;
    case 'mistake': {
      const { message, field } = describeMistake({ templates }, locale, result.mistake);
      return { status: 400, message, isAboutAddress: field === 'email' };
    }
    case 'too-many': {
      const { seconds } = result;
      const message = words('tooMany', { count: Math.ceil(seconds / 60) });
      return { status: 429, message, retryAfter: seconds };
    }
    case 'busy':
    case 'proof-needed':
      return { status: 503, message: words('busy'), retryAfter: BUSY_SECONDS };
  }
}
