import type { Context } from '../../platform/context.js';
import { findInboundMail } from '../../platform/mail/inbound/inbound-mails.js';
import type { Mail } from '../../platform/mail/mime/mail.js';
import type { RenderedEmail } from '../../platform/templates/templates.js';
import { OPERATOR_LOCALE } from '../../platform/text/translations.js';
import type { Publication } from '../../publications/publication.js';
import type { AddressedNotice } from './recipient.js';

/** What a person wrote to a return path, for the publisher. Undefined: it is not kept any more. */
export async function composeForward(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  { notice, to }: Extract<AddressedNotice, { kind: 'to-publisher' }>,
  publication: Publication,
): Promise<(RenderedEmail & Pick<Mail, 'attached'>) | undefined> {
  const mail = await findInboundMail(db, notice.causeId);
  if (mail === undefined) return undefined;
  const data = { publication, replyTo: to.email };
  return { ...templates.email('forward', OPERATOR_LOCALE, data), attached: mail.raw };
}
