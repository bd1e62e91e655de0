import type { Db } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { LeaveReason } from './give-reason.js';

/** What she answered when she left; undefined when she said nothing. */
export function findReason(db: Db, subscriptionId: string): Promise<{ reason: LeaveReason } | undefined> {
  return db.maybe(sql`
    select reason
      from leave_reasons
     where subscription_id = ${subscriptionId}
  `);
}
