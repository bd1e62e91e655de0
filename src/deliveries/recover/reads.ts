import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { isNotHeld } from '../notices/reads.js';

/** Digests that no reader can join any more and whose every delivery is final, with the number of the last batch then. */
export function listFinishedDigests(db: Db | Tx, now: Date): Promise<{ id: string; lastBatch: number }[]> {
  return db.many(sql`
    select g.id, g.last_batch
      from digests g
     where g.state = 'sending'
       and g.closes_at <= ${now}
       and not exists (select from batches b where b.digest_id = g.id and b.due_at is not null)
     limit 1000
  `);
}

/** Notices that are due and that no worker is sending. */
export function listIdleNotices(db: Db | Tx, now: Date, limit: number): Promise<{ noticeId: string }[]> {
  return db.many(sql`
    select id as notice_id
      from notices
     where due_at <= ${now}
       and (leased_until is null or leased_until < ${now})
       and ${isNotHeld}
     order by due_at
     limit ${limit}
  `);
}

/** Whether a batch or notice has been due since before a moment. */
export async function isAnyDue(tx: Tx, table: 'batches' | 'notices', before: Date): Promise<boolean> {
  const due =
    table === 'batches'
      ? sql`select from batches b join digests g on g.id = b.digest_id
             where b.due_at <= ${before} and b.leased_until is null and g.state = 'sending'`
      : sql`select from notices where due_at <= ${before} and leased_until is null`;
  return (await tx.one<{ isDue: boolean }>(sql`select exists (${due}) as is_due`)).isDue;
}

/** Whether anybody is sending batches or notices. */
export async function isAnyLeased(tx: Tx, table: 'batches' | 'notices', now: Date): Promise<boolean> {
  const leased =
    table === 'batches'
      ? sql`select from batches where leased_until > ${now}`
      : sql`select from notices where leased_until > ${now}`;
  return (await tx.one<{ isLeased: boolean }>(sql`select exists (${leased}) as is_leased`)).isLeased;
}
