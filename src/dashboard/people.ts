import { findInvitationMail, hasMailBeenAccepted, type InvitationMail } from '../deliveries/notices/reads.js';
import type { Invitation } from '../operators/invitations/invitation.js';
import { invitationUrl } from '../operators/invitations/invite.js';
import { listUnacceptedInvitations } from '../operators/invitations/reads.js';
import { listPublicationOperators, type PublicationOperator } from '../operators/reads.js';
import type { Context } from '../platform/context.js';

/**
 * Whom an invitation was mailed to, and how that went. `url`: to be copied, while mail cannot be relied on; null also where the
 * invitation has run out.
 */
export type ShownInvitation = Invitation & {
  mail: InvitationMail | undefined;
  url: string | null;
  isOver: boolean;
};

/**
 * Everybody who runs a publication, and who is invited to.
 * @param withAdministrators also who is invited to the whole server: whoever has the link of such an invitation can accept it
 */
export async function readPeople(
  context: Pick<Context, 'db' | 'now' | 'links' | 'publicUrl'>,
  publicationId: string,
  { withAdministrators }: { withAdministrators: boolean },
): Promise<{ operators: PublicationOperator[]; invitations: ShownInvitation[] }> {
  const { db, now } = context;
  const operators = await listPublicationOperators(db, publicationId);
  const open = await listUnacceptedInvitations(db, publicationId, { withAdministrators });
  const mailWorks = await hasMailBeenAccepted(db);
  const invitations = await Promise.all(
    open.map(async (invitation) => {
      const mail = await findInvitationMail(db, invitation.id);
      const isLost = mail?.state === 'rejected' || mail?.state === 'skipped';
      const isOver = invitation.expiresAt <= now();
      const url = !isOver && (!mailWorks || isLost) ? invitationUrl(context, invitation, 'copied') : null;
      return { ...invitation, mail, url, isOver };
    }),
  );
  return { operators, invitations };
}
