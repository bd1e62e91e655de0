import type { Response } from 'express';
import { readPeople, type ShownInvitation } from '../../../dashboard/people.js';
import { roles, type Role } from '../../../operators/operator.js';
import { mayAdminister } from '../../../operators/permissions.js';
import type { Context } from '../../../platform/context.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';

export type PeopleContext = Pick<Context, 'db' | 'now' | 'links' | 'publicUrl' | 'templates'>;

export type TypedInvitation = { email: string; role: Role | 'administrator' };

/** Who runs a newsletter, who is invited to, and the form that invites. */
export async function sendPeoplePage(
  context: PeopleContext,
  res: Response,
  {
    typed = { email: '', role: 'editor' },
    mistake = null,
    isAddressWrong = false,
    flash = null,
  }: {
    typed?: TypedInvitation;
    mistake?: string | null;
    isAddressWrong?: boolean;
    flash?: string | null;
  } = {},
): Promise<void> {
  const { publication, operator } = publicationDeskOf(res);
  const isAdministrator = mayAdminister(operator);
  const shown = { withAdministrators: isAdministrator };
  const { operators, invitations } = await readPeople(context, publication.id, shown);
  return sendDeskPage(context, res, 'dashboard-settings-people', {
    people: operators.map(({ id, email, name, role, isAdministrator: administrator }) => ({
      id,
      email,
      name,
      role,
      administrator,
      isOwn: id === operator?.id,
    })),
    invitations: invitations.map((invitation) => ({
      id: invitation.id,
      email: invitation.email,
      role: invitation.isAdministrator ? 'administrator' : invitation.role,
      expiresAt: invitation.expiresAt,
      isOver: invitation.isOver,
      mail: describeMail(invitation),
      url: invitation.url,
    })),
    isAdministrator,
    choices: [...roles, ...(isAdministrator ? ['administrator'] : [])].map((role) => ({
      role,
      what: WHAT[role] ?? '',
      isChosen: role === typed.role,
    })),
    roles,
    typed,
    mistake,
    isAddressWrong,
    flash,
  });
}

const WHAT: Readonly<Record<string, string>> = {
  owner: 'may do everything with this newsletter, and decides who else may',
  editor: 'may do everything but decide who else may, give programs access, and export readers',
  viewer: 'looks at everything but readers’ addresses, and changes nothing',
  administrator: 'may do everything on this server, with all its newsletters',
};

function describeMail({ mail, isOver }: ShownInvitation): string {
  if (isOver) return 'Nobody accepted it in time.';
  switch (mail?.state) {
    case undefined:
    case 'queued':
    case 'sending':
      return 'Its mail is on its way.';
    case 'accepted':
      return 'The mail server has taken its mail.';
    case 'deferred':
      return 'The mail server asked for time; its mail is tried again.';
    case 'uncertain':
      return 'Its mail may have arrived: the connection broke at its end.';
    case 'rejected':
      return `Its mail came back: ${mail?.answer ?? 'the mail server refused it'}. Give the link another way.`;
    case 'skipped':
      return 'It was not mailed: the address asked for no mail of this newsletter. Give the link another way.';
  }
}
