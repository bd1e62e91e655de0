import type { Db, Tx } from '../../platform/db/database.js';
import { publicationFinder } from '../../platform/db/publication-finder.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { ReaderChange } from './reader-change.js';

const selectChanges = raw(`
    select id, publication_id, action, state, undoes, exists (select from reader_changes u where u.undoes = c.id) as is_undone,
           actor_kind, actor_id, found, changed, unchanged, created_at, finished_at
      from reader_changes c`);

export function findReaderChange(db: Db | Tx, id: string): Promise<ReaderChange | undefined> {
  return db.maybe<ReaderChange>(sql`
    ${selectChanges}
     where id = ${id}
  `);
}

/** The publication of a change of many readers. */
export const findReaderChangePublication = publicationFinder('reader_changes');

/** The next readers whose turn it is, locked; those that another worker has are left to it. */
export function lockNextItems(
  tx: Tx,
  changeId: string,
  limit: number,
): Promise<{ subscriptionId: string }[]> {
  return tx.many(sql`
    select subscription_id
      from reader_change_items
     where change_id = ${changeId}
       and outcome is null
     order by subscription_id
     limit ${limit}
       for no key update skip locked
  `);
}

/** Its row, locked against an end; undefined: it is not being done. */
export function lockRunning(tx: Tx, id: string): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    select id
      from reader_changes
     where id = ${id}
       and state = 'running'
       for key share
  `);
}
