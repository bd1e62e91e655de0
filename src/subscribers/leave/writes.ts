import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { LeaveReason } from './leave-reason.js';

/** The latest reason replaces an earlier one. A subscription that has not ended gets no row. */
export function upsertLeaveReason(
  tx: Tx,
  subscriptionId: string,
  reason: LeaveReason,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into leave_reasons (subscription_id, publication_id, reason, created_at)
    select id, publication_id, ${reason}, ${now}::timestamptz
      from subscriptions
     where id = ${subscriptionId}
       and status = 'unsubscribed'
    on conflict (subscription_id) do update
       set reason = excluded.reason,
           created_at = excluded.created_at
  `);
}

export function deleteLeaveReasons(tx: Tx, subscriptionIds: string[]): Promise<number> {
  return tx.run(sql`
    delete from leave_reasons
     where subscription_id = any(${subscriptionIds}::uuid[])
  `);
}
