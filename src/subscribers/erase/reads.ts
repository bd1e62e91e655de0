import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** Subscriptions that were never confirmed, and had no request since `before`, oldest first. */
export function listUnconfirmed(db: Db | Tx, before: Date, limit: number): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select s.id
      from subscriptions s
     where s.confirmed_at is null
       and s.erased_at is null
       and s.created_at < ${before}
       and not exists (select from sign_up_requests r where r.subscription_id = s.id and r.created_at >= ${before})
     order by s.created_at, s.id
     limit ${limit}
  `);
}
