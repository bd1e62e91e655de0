import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** Subscriptions that were never confirmed, and had no request since `before`, oldest first, but for some. */
export function listUnconfirmed(
  db: Db | Tx,
  before: Date,
  except: readonly string[],
  limit: number,
): Promise<{ id: string; publicationId: string }[]> {
  return db.many(sql`
    select s.id, s.publication_id
      from subscriptions s
     where s.confirmed_at is null
       and s.erased_at is null
       and s.created_at < ${before}
       and s.id <> all(${[...except]}::uuid[])
       and not exists (select from sign_up_requests r where r.subscription_id = s.id and r.created_at >= ${before})
     order by s.created_at, s.id
     limit ${limit}
  `);
}
