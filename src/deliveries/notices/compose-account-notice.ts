import type { CredentialChange } from '../../operators/credentials/credential-change.js';
import { findCredentialChange } from '../../operators/credentials/reads.js';
import type { Invitation } from '../../operators/invitations/invitation.js';
import { invitationUrl } from '../../operators/invitations/invite.js';
import { findOpenRecovery } from '../../operators/recovery/reads.js';
import { recoveryUrl } from '../../operators/recovery/recover.js';
import type { Context } from '../../platform/context.js';
import { OPERATOR_LOCALE } from '../../platform/text/translations.js';
import type { RenderedEmail, TemplateData } from '../../platform/templates/templates.js';
import type { Publication } from '../../publications/publication.js';
import type { AddressedNotice } from './recipient.js';

type ComposeContext = Pick<Context, 'db' | 'now' | 'links' | 'publicUrl' | 'templates'>;

/** An invitation, with its link. */
export function composeInvitation(
  context: ComposeContext,
  invitation: Invitation,
  publication: Publication,
): RenderedEmail {
  return context.templates.email('operator-invitation', OPERATOR_LOCALE, {
    ...commonData(context, publication),
    email: invitation.email,
    role: invitation.isAdministrator ? 'administrator' : (invitation.role ?? 'viewer'),
    expiresAt: invitation.expiresAt,
    url: invitationUrl(context, invitation, 'mailed'),
  });
}

/** A mail about signing in to an account. Undefined: what it would tell is over. */
export async function composeAccountNotice(
  context: ComposeContext,
  { notice, to }: Extract<AddressedNotice, { kind: 'to-operator' }>,
  publication: Publication,
): Promise<RenderedEmail | undefined> {
  const common = { ...commonData(context, publication), email: to.email };
  if (notice.kind === 'operator-recovery') {
    const recovery = await findOpenRecovery(context.db, notice.causeId, context.now());
    if (recovery === undefined) return undefined;
    const data = { ...common, expiresAt: recovery.expiresAt, url: recoveryUrl(context, recovery) };
    return context.templates.email('operator-recovery', OPERATOR_LOCALE, data);
  }
  const change = await findCredentialChange(context.db, notice.causeId);
  return (
    change &&
    context.templates.email('operator-change', OPERATOR_LOCALE, { ...common, ...changeData(context, change) })
  );
}

function commonData({ publicUrl }: ComposeContext, publication: Publication): TemplateData {
  return { publication, zone: publication.timezone, server: new URL(publicUrl).host };
}

function changeData({ publicUrl }: ComposeContext, { kind, changedAt }: CredentialChange): TemplateData {
  return { kind, changedAt, url: `${publicUrl}/operator/recovery` };
}
