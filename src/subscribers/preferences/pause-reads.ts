import type { Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { CadenceSettings, Subscription } from '../subscription.js';

/** Who rests, as much of her as it takes to begin again. */
export type PausedReader = CadenceSettings & Pick<Subscription, 'id' | 'publicationId' | 'catchUp'>;

const selectPaused = raw(`
    select id, publication_id, cadence, hour, weekday, day_of_month, timezone, catch_up
      from subscriptions`);

/** One reader who rests, locked; undefined when she does not. */
export function lockPausedReader(tx: Tx, id: string): Promise<PausedReader | undefined> {
  return tx.maybe<PausedReader>(sql`
    ${selectPaused}
     where id = ${id}
       and status = 'paused'
       for update
  `);
}

/** Readers of any publication whose pause is over, locked; those that another worker holds are passed over. */
export function lockExpiredPauses(tx: Tx, now: Date, limit: number): Promise<PausedReader[]> {
  return tx.many<PausedReader>(sql`
    ${selectPaused}
     where status = 'paused'
       and paused_until <= ${now}
     order by paused_until
     limit ${limit}
       for update skip locked
  `);
}
