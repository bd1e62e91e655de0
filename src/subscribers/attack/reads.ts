import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import { COUNT_INTERVAL_MS, type Attack } from './attack.js';

const columns = raw('id, publication_id, cause, began_at, seen_at, forms, refused, usual');

export function listRunningAttacks(db: Db | Tx): Promise<Attack[]> {
  return db.many<Attack>(sql`
    select ${columns}
      from attacks
     where ended_at is null
     order by id
  `);
}

export function findRunningAttack(db: Db | Tx, publicationId: string): Promise<Attack | undefined> {
  return db.maybe<Attack>(sql`
    select ${columns}
      from attacks
     where publication_id = ${publicationId}
       and ended_at is null
  `);
}

/** Publications where an operator ended an attack since then. */
export async function listEndedByHand(db: Db | Tx, since: Date): Promise<string[]> {
  const rows = await db.many<{ publicationId: string }>(sql`
    select distinct publication_id
      from attacks
     where ended_by_hand
       and ended_at > ${since}
  `);
  return rows.map(({ publicationId }) => publicationId);
}

/** One interval of a publication. Forms with the outcomes `too-many` and `proof-needed` do not count: they come again. */
export type CountInterval = { publicationId: string; beganAt: Date; forms: number; refused: number };

/** Intervals with at least `minForms` forms. `refused`: sent back, or to an address that had reached its mail cap. */
export function listBusyIntervals(db: Db | Tx, since: Date, minForms: number): Promise<CountInterval[]> {
  return db.many<CountInterval>(sql`
    with intervals as (
      select publication_id, began_at, sum(count) as forms,
             coalesce(sum(count) filter (where outcome not in ('recorded', 'held')), 0) as refused
        from sign_up_counts
       where began_at >= ${since}
         and outcome not in ('too-many', 'proof-needed')
       group by publication_id, began_at
      having sum(count) >= ${minForms}
    )
    select publication_id, began_at, forms,
           refused + (select count(*)
                        from sign_up_requests r
                       where r.publication_id = intervals.publication_id
                         and r.outcome = 'capped'
                         and r.created_at >= began_at
                         and r.created_at < began_at + ${COUNT_INTERVAL_MS} * interval '1 millisecond') as refused
      from intervals
     order by began_at
  `);
}

/** Forms of a publication in the intervals of a time, without those that overlap an attack. */
export async function countFormsOutsideAttacks(
  db: Db | Tx,
  publicationId: string,
  { from, to }: { from: Date; to: Date },
): Promise<number> {
  const { forms } = await db.one<{ forms: number }>(sql`
    select coalesce(sum(count), 0) as forms
      from sign_up_counts c
     where publication_id = ${publicationId}
       and began_at >= ${from}
       and began_at < ${to}
       and outcome not in ('too-many', 'proof-needed')
       and not exists (
         select from attacks a
          where a.publication_id = c.publication_id
            and a.began_at < c.began_at + ${COUNT_INTERVAL_MS} * interval '1 millisecond'
            and coalesce(a.ended_at, 'infinity') > c.began_at
       )
  `);
  return forms;
}
