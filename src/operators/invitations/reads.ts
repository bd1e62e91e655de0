import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Invitation } from './invitation.js';

export const invitationColumns = raw(
  'id, email, email_key, name, operator_id, publication_id, role, is_administrator, invited_by, created_at, expires_at',
);

/** Undefined: it was accepted or withdrawn, has expired, or is not there. */
export function findOpenInvitation(db: Db | Tx, id: string, now: Date): Promise<Invitation | undefined> {
  return db.maybe<Invitation>(sql`
    select ${invitationColumns}
      from operator_invitations
     where id = ${id}
       and accepted_at is null
       and withdrawn_at is null
       and expires_at > ${now}
       and not exists (select from operators o where o.id = operator_id and o.removed_at is not null)
  `);
}

/**
 * What nobody has accepted yet of a publication's invitations, also what has run out lately, the oldest first.
 * @param withAdministrators also those to the whole server
 */
export function listUnacceptedInvitations(
  db: Db | Tx,
  publicationId: string,
  { withAdministrators }: { withAdministrators: boolean },
): Promise<Invitation[]> {
  return db.many<Invitation>(sql`
    select ${invitationColumns}
      from operator_invitations
     where publication_id = ${publicationId}
       and (${withAdministrators} or not is_administrator)
       and accepted_at is null
       and withdrawn_at is null
     order by id
  `);
}
