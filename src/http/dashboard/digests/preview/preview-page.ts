import type { PreviewMail } from '../../../../deliveries/preview/compose-preview.js';
import { checkMail } from '../../../../deliveries/preview/check-mail.js';
import type { PreviewParts } from '../../../../deliveries/preview/parts.js';
import { maySeeAddresses, type Role } from '../../../../operators/operator.js';
import type { Context } from '../../../../platform/context.js';
import type { TemplateData } from '../../../../platform/templates/templates.js';
import type { Publication } from '../../../../publications/publication.js';
import { maskAddress } from '../../../../subscribers/address.js';
import type { PublicationDesk } from '../../frame/desk.js';
import { describeChecks } from './check-words.js';

/** As whom a mail is shown, for whoever may see addresses or not; null: as nobody in particular. */
export function describeReader({ reader }: Pick<PreviewParts, 'reader'>, role: Role): string | null {
  if (reader === undefined) return null;
  return maySeeAddresses(role) ? reader.email : maskAddress(reader.email);
}

/** The address that stands in a mail that is looked at. */
export function recipientOf(
  { reader }: Pick<PreviewParts, 'reader'>,
  { operator, role }: Pick<PublicationDesk, 'operator' | 'role'>,
): { email: string } {
  if (reader === undefined) return { email: operator?.email ?? 'reader@example.com' };
  if (maySeeAddresses(role)) return { email: reader.email };
  return { email: reader.email.replace(/^.*@/, 'hidden@') };
}

/** Of a test that is ordered beside other things: to whoever looks. */
export function testToMe({ operator }: Pick<PublicationDesk, 'operator'>): { id: string; email: string }[] {
  return operator === undefined ? [] : [{ id: operator.id, email: operator.email }];
}

/** What a page says of a mail before it goes: its subject, and what should be looked at. */
export async function describeMail(
  context: Pick<Context, 'db' | 'now' | 'templates'>,
  publication: Publication,
  { mail, parts }: { mail: PreviewMail; parts: PreviewParts },
): Promise<TemplateData> {
  return {
    subject: mail.subject,
    isExample: parts.isExample,
    isAsSent: mail.isAsSent,
    checks: describeChecks(await checkMail(context, publication, { mail, parts })),
  };
}
