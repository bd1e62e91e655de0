import type { Publication } from '../../publications/publication.js';
import type { Retry } from '../errors.js';
import type { Form } from './sign-up-form.js';

/** A sign-up that came at a bad time, to be sent again: the address where she sees it, and all else that she chose. */
export function retryOf({ slug }: Publication, form: Form): Retry {
  const { email, cadence, timezone, locale, source, keep, topics } = form;
  const said = Object.entries({ cadence, timezone, locale, source, keep, form: form.form });
  const fields = [...said, ...topics.map((topic) => ['topics', topic] as const)];
  return {
    action: `/${slug}/subscriptions`,
    email,
    fields: fields.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  };
}
