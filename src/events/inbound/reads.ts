import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** The publication in whose name a single mail was sent. */
export function findNoticePublication(
  db: Db | Tx,
  noticeId: string,
): Promise<{ publicationId: string } | undefined> {
  return db.maybe(sql`select publication_id from notices where id = ${noticeId}`);
}
