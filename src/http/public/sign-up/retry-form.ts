import type { Publication } from '../../../publications/publication.js';
import type { RetryForm } from '../../errors/error-responses.js';
import type { SignUpForm } from '../../../subscribers/sign-up/request.js';

/** A form to send the same sign-up again later: the address is shown, all other fields are hidden. */
export function buildRetryForm({ slug }: Publication, form: SignUpForm): RetryForm {
  const { email, cadence, timezone, locale, source, keep, topics } = form;
  const said = Object.entries({ cadence, timezone, locale, source, keep, form: form.form });
  const fields = [...said, ...topics.map((topic) => ['topics', topic] as const)];
  return {
    action: `/${slug}/subscriptions`,
    email,
    fields: fields.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  };
}
