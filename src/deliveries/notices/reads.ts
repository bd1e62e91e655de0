import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { NoticeKind } from './notice.js';

export const noticeColumns = raw(`
  id, kind, cause_id, publication_id, subscription_id, operator_id, state, attempt, deferrals, due_at, skip_reason, answer,
  expires_at, created_at
`);

/** After a restore, notices from before it wait for an operator; alerts are about what is now. */
export const isNotHeld = raw(`
  (kind = 'alert' or not exists (select from installation where held_since >= notices.created_at))
`);

/** How many notices of a kind were enqueued for a reader since a moment. */
export async function countNoticesSince(
  db: Db | Tx,
  subscriptionId: string,
  kind: NoticeKind,
  since: Date,
): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from notices
     where subscription_id = ${subscriptionId}
       and kind = ${kind}
       and created_at > ${since}
  `);
  return count;
}
