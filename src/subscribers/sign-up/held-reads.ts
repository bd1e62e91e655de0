import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** A sign-up that waits for an operator's word. */
export type HeldSignUp = {
  id: string;
  publicationId: string;
  email: string;
  /** Codes; `heldReason` has the words. */
  reasons: string[];
  source: string | null;
  createdAt: Date;
};

/** One page, newest first; ids sort by time. */
export function listHeldSignUps(
  db: Db | Tx,
  where: { publicationId: string; before: string | undefined; limit: number },
): Promise<HeldSignUp[]> {
  const older = where.before === undefined ? sql`` : sql`and id < ${where.before}`;
  return db.many<HeldSignUp>(sql`
    select id, publication_id, email, reasons, source, created_at
      from sign_up_requests
     where publication_id = ${where.publicationId}
       and outcome = 'held'
       ${older}
     order by id desc
     limit ${where.limit}
  `);
}

export async function countHeldSignUps(db: Db | Tx, publicationId: string): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from sign_up_requests
     where publication_id = ${publicationId}
       and outcome = 'held'
  `);
  return count;
}

/** How many wait for each reason; one with two reasons counts for both. */
export function countHeldByReason(
  db: Db | Tx,
  publicationId: string,
): Promise<{ reason: string; count: number }[]> {
  return db.many(sql`
    select reason, count(*) as count
      from sign_up_requests, unnest(reasons) as reason
     where publication_id = ${publicationId}
       and outcome = 'held'
     group by reason
     order by count(*) desc, reason
  `);
}

/** What became of forms, hour by hour; hours without any are left out. */
export function countFormsByHour(
  db: Db | Tx,
  publicationId: string,
  since: Date,
): Promise<{ hour: Date; recorded: number; held: number; refused: number }[]> {
  return db.many(sql`
    select date_trunc('hour', began_at, 'UTC') as hour,
           coalesce(sum(count) filter (where outcome = 'recorded'), 0) as recorded,
           coalesce(sum(count) filter (where outcome = 'held'), 0) as held,
           coalesce(sum(count) filter (where outcome not in ('recorded', 'held', 'proof-needed')), 0) as refused
      from sign_up_counts
     where publication_id = ${publicationId}
       and began_at >= ${since}
     group by 1
     order by 1
  `);
}
