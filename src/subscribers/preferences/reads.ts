import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { CadenceSettings, Subscription } from '../subscription.js';
import type { LinkRequest } from './writes.js';

/** What resuming needs to know of a reader. */
export type PausedReader = CadenceSettings & Pick<Subscription, 'id' | 'publicationId' | 'catchUp'>;

const selectPaused = raw(`
    select id, publication_id, cadence, hour, weekday, day_of_month, timezone, catch_up
      from subscriptions`);

/** Undefined when the subscription is not paused. */
export function lockPausedReader(tx: Tx, id: string): Promise<PausedReader | undefined> {
  return tx.maybe<PausedReader>(sql`
    ${selectPaused}
     where id = ${id}
       and status = 'paused'
       for update
  `);
}

/** Readers of any publication whose pause has ended, but for some, and for rows that another worker has locked. */
export function lockExpiredPauses(
  tx: Tx,
  now: Date,
  except: readonly string[],
  limit: number,
): Promise<PausedReader[]> {
  return tx.many<PausedReader>(sql`
    ${selectPaused}
     where status = 'paused'
       and paused_until <= ${now}
       and id <> all(${[...except]}::uuid[])
     order by paused_until
     limit ${limit}
       for update skip locked
  `);
}

/** Undefined: it was decided. */
export function findLinkRequest(
  db: Db | Tx,
  id: string,
): Promise<{ id: string; publicationId: string; wish: LinkRequest['wish'] } | undefined> {
  return db.maybe(sql`
    select id, publication_id, wish
      from link_requests
     where id = ${id}
  `);
}
