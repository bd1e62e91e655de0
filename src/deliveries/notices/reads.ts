import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import { lowestUuidAt } from '../../platform/uuid.js';
import type { NoticeKind } from './notice.js';
import type { DeliveryState } from '../delivery.js';

export const noticeColumns = raw(`
  id, kind, cause_id, publication_id, subscription_id, operator_id, state, attempt, deferrals, due_at, skip_reason, answer,
  expires_at, created_at
`);

/** After a restore, notices from before it wait for an operator; alerts are about what is now. */
export const isNotHeld = raw(`
  (kind = 'alert' or not exists (select from installation where held_since >= notices.created_at))
`);

/** What became of the mail with an invitation. */
export type InvitationMail = { state: DeliveryState; answer: string | null };

/** Undefined: no job has made it yet. */
export function findInvitationMail(db: Db | Tx, invitationId: string): Promise<InvitationMail | undefined> {
  return db.maybe<InvitationMail>(sql`
    select state, answer
      from notices
     where kind = 'operator-invitation'
       and cause_id = ${invitationId}
  `);
}

/** How many of a kind a publication has had since a moment. */
export async function countNoticesSince(
  db: Db | Tx,
  { kind, publicationId, since }: { kind: NoticeKind; publicationId: string; since: Date },
): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*)
      from notices
     where id >= ${lowestUuidAt(since)}
       and created_at > ${since}
       and publication_id = ${publicationId}
       and kind = ${kind}
  `);
  return count;
}

/** Whether a mail server has ever taken a mail of ours: a first one shows that invitations arrive. */
export async function hasMailBeenAccepted(db: Db | Tx): Promise<boolean> {
  const { found } = await db.one<{ found: boolean }>(sql`
    select exists (select from notices where state = 'accepted')
        or exists (select from deliveries where state = 'accepted') as found
  `);
  return found;
}
