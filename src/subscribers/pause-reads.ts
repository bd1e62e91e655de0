import type { Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Rhythm, Subscription } from './subscription.js';

/** Who rests, as much of her as it takes to begin again. */
export type Resting = Rhythm & Pick<Subscription, 'id' | 'publicationId' | 'catchUp'>;

const resting = raw(`
    select id, publication_id, cadence, hour, weekday, day_of_month, timezone, catch_up
      from subscriptions`);

/** One reader who rests, locked; undefined when she does not. */
export function lockResting(tx: Tx, id: string): Promise<Resting | undefined> {
  return tx.maybe<Resting>(sql`
    ${resting}
     where id = ${id}
       and status = 'paused'
       for update
  `);
}

/** Readers of any publication whose pause is over, locked; those that another worker holds are passed over. */
export function lockRested(tx: Tx, now: Date, limit: number): Promise<Resting[]> {
  return tx.many<Resting>(sql`
    ${resting}
     where status = 'paused'
       and paused_until <= ${now}
     order by paused_until
     limit ${limit}
       for update skip locked
  `);
}
