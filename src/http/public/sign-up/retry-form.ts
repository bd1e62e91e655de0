import type { Publication } from '../../../publications/publication.js';
import type { RetryForm } from '../../errors/error-responses.js';
import type { SignUpForm } from '../../../subscribers/sign-up/request.js';

/** The form that could not be taken, to be sent again: her address to be seen, all other fields hidden. */
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
