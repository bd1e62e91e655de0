import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import { failedRowColumns, type FailedRow } from '../../platform/jobs/failed-rows.js';
import type { Alert } from './alert.js';

export const alertColumns = raw('id, kind, cause_id, publication_id, opened_at');

export function findAlert(db: Db | Tx, id: string): Promise<Alert | undefined> {
  return db.maybe<Alert>(sql`
    select ${alertColumns}
      from alerts
     where id = ${id}
  `);
}

/**
 * Rows that could not be processed, the longest first: of publications that are not archived, and of readers who are still
 * there.
 * @param where.since those that began to fail since then
 */
export function listFailedRows(
  db: Db | Tx,
  where: { publicationId?: string; since?: Date; limit: number },
): Promise<FailedRow[]> {
  const ofPublication =
    where.publicationId === undefined ? sql`` : sql`and publication_id = ${where.publicationId}`;
  const young = where.since === undefined ? sql`` : sql`and failing_since >= ${where.since}`;
  return db.many<FailedRow>(sql`
    select ${failedRowColumns}
      from failed_rows f
     where exists (select from publications p where p.id = f.publication_id and p.archived_at is null)
       and (kind <> 'subscription'
            or exists (select from subscriptions s where s.id = f.row_id and s.status <> 'unsubscribed'))
       ${ofPublication}
       ${young}
     order by failing_since, row_id
     limit ${where.limit}
  `);
}

/** Readers whose mail of a digest was accepted and bounced for good afterwards, and who called it spam. */
export type DigestReturns = { digestId: string; bounced: number; complained: number };

/** Of digests of which something came back since then. */
export function listDigestReturns(db: Db | Tx, since: Date): Promise<DigestReturns[]> {
  return db.many<DigestReturns>(sql`
    select digest_id, bounced, complained
      from digest_returns
     where changed_at >= ${since}
     order by digest_id
  `);
}
