import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Invitation, InvitationPlace } from './invitation.js';
import { invitationColumns } from './reads.js';

export function insertInvitation(tx: Tx, invitation: Omit<Invitation, 'id'>): Promise<Invitation> {
  return tx.one<Invitation>(sql`
    insert into operator_invitations (email, email_key, name, operator_id, publication_id, role, is_administrator,
                                      invited_by, created_at, expires_at)
    values (${invitation.email}, ${invitation.emailKey}, ${invitation.name}, ${invitation.operatorId},
            ${invitation.publicationId}, ${invitation.role}, ${invitation.isAdministrator},
            ${invitation.invitedBy}, ${invitation.createdAt}, ${invitation.expiresAt})
    returning ${invitationColumns}
  `);
}

/** Nobody else accepts it until the transaction ends. Undefined: it was accepted or withdrawn before, or has expired. */
export function lockOpenInvitation(tx: Tx, id: string, now: Date): Promise<{ id: string } | undefined> {
  return tx.maybe<{ id: string }>(sql`
    select id
      from operator_invitations
     where id = ${id}
       and accepted_at is null
       and withdrawn_at is null
       and expires_at > ${now}
       for update
  `);
}

export function markInvitationAccepted(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update operator_invitations
       set accepted_at = ${now}
     where id = ${id}
       and accepted_at is null
  `);
}

/** Undefined: it was accepted or withdrawn before, or is not there. */
export function markInvitationWithdrawn(
  tx: Tx,
  { publicationId, id, withAdministrators }: InvitationPlace,
  now: Date,
): Promise<Invitation | undefined> {
  return tx.maybe<Invitation>(sql`
    update operator_invitations
       set withdrawn_at = ${now}
     where id = ${id}
       and publication_id = ${publicationId}
       and (${withAdministrators} or not is_administrator)
       and accepted_at is null
       and withdrawn_at is null
    returning ${invitationColumns}
  `);
}

/** Earlier ones of the same address to the same publication: the newest alone works. */
export function withdrawEarlierInvitations(
  tx: Tx,
  { emailKey, publicationId }: Pick<Invitation, 'emailKey' | 'publicationId'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update operator_invitations
       set withdrawn_at = ${now}
     where email_key = ${emailKey}
       and publication_id is not distinct from ${publicationId}::uuid
       and accepted_at is null
       and withdrawn_at is null
  `);
}

/** Those that lead nowhere any more. */
export function deleteOldInvitations(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from operator_invitations
     where expires_at < ${before}
  `);
}
