import { readCountsBetween } from '../../platform/counts/counts.js';
import type { CountSource } from '../../platform/counts/differences.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { leaveReasons, type LeaveReason } from './leave-reason.js';

const NAME = 'leave-reasons';
const END_OF_TIME = new Date('9999-01-01');

/** Why readers left since a quarter of an hour began, of those who said so. */
export async function countLeaveReasons(
  db: Db | Tx,
  publicationId: string,
  since: Date,
): Promise<Record<LeaveReason, number>> {
  const counts = await readCountsBetween(db, { name: NAME, ownerId: publicationId }, [since, END_OF_TIME]);
  const countOf = (reason: LeaveReason) => counts.find(({ key }) => key[0] === reason)?.count ?? 0;
  return Object.fromEntries(leaveReasons.map((reason) => [reason, countOf(reason)])) as Record<
    LeaveReason,
    number
  >;
}

/** Counted anew. */
export const leaveReasonSource: CountSource = {
  name: NAME,
  rows: sql`
    select publication_id as owner_id, array[reason] as key, quarter_hour_of(created_at) as at, count(*) as count
      from leave_reasons
     group by 1, 2, 3`,
};

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
