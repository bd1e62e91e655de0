import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { LeaveReason } from './record-leave-reason.js';

/** What she answered when she left; undefined when she said nothing. */
export function findLeaveReason(
  db: Db | Tx,
  subscriptionId: string,
): Promise<{ reason: LeaveReason; createdAt: Date } | undefined> {
  return db.maybe(sql`
    select reason, created_at
      from leave_reasons
     where subscription_id = ${subscriptionId}
  `);
}
