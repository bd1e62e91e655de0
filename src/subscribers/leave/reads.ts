import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { LeaveReason } from './leave-reason.js';

/** Undefined when she gave none. */
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
