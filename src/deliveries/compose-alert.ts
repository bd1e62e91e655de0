import type { Context } from '../platform/context.js';
import type { RenderedEmail } from '../platform/templates.js';
import type { Publication } from '../publications/publication.js';
import { findCause } from './alert-causes.js';
import { tellCause } from './alert-wording.js';
import type { Addressed } from './notice-recipient.js';

/** Operators read English for now, whatever their readers read. */
const LOCALE = 'en';

/**
 * What waits for her word, as a mail: what happened, what became of readers' mail, and what she can choose, where. No link in
 * it lets anybody in: mail is forwarded. Undefined: it is over.
 */
export async function composeAlert(
  { db, now, publicUrl, templates }: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  { notice, to }: Extract<Addressed, { kind: 'to-operator' }>,
  publication: Publication,
): Promise<RenderedEmail | undefined> {
  const cause = await findCause(db, notice.causeId, now());
  if (cause === undefined) return undefined;
  const { path, ...told } = tellCause(cause, {
    publication,
    now: now(),
    t: (key, values) => templates.t(LOCALE, `alertMail.${key}`, values),
  });
  return templates.email('alert', LOCALE, {
    ...told,
    publication,
    email: to.email,
    role: to.role,
    url: publicUrl + path,
    enter: `npx paperround operator link ${to.email}`,
  });
}
