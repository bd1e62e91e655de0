import type { Db, Tx } from '../db/database.js';
import { raw, sql } from '../db/sql.js';
import type { JobName } from './definitions.js';

/** What a failed row is: the thing that an operator would look for. */
export const failedRowKinds = [
  'subscription',
  'article',
  'feed',
  'notice',
  'sign-up',
  'link-request',
  'digest',
  'publication',
] as const;
export type FailedRowKind = (typeof failedRowKinds)[number];

/**
 * The job that could not process the row; a mail is composed, and what became of it recorded, while others of its batch are sent,
 * a hold is decided by an operator, and one job deletes of several kinds.
 */
export type FailedOperation = JobName | 'compose' | 'record-result' | 'decide-hold' | 'purge-digest';

/**
 * A row that an operation could not process though others could: it is left out, and tried again later and later. `code`
 * is a SQLSTATE, or the name of an error.
 */
export type FailedRow = {
  operation: FailedOperation;
  kind: FailedRowKind;
  rowId: string;
  publicationId: string;
  code: string;
  /** How often it has failed in a row. */
  failures: number;
  failingSince: Date;
  failedAt: Date;
  /** Left alone until then; null: not tried again. */
  retryAt: Date | null;
};

export type NewFailedRow = Pick<FailedRow, 'kind' | 'rowId' | 'publicationId' | 'code'> & {
  /** False: nothing tries it again by itself. */
  retries?: boolean;
};

export const failedRowColumns = raw(
  'operation, kind, row_id, publication_id, code, failures, failing_since, failed_at, retry_at',
);

/** Of one operation, and of one publication where that is given. Few, or none. */
export function listFailedBy(
  db: Db | Tx,
  operation: FailedOperation,
  publicationId?: string,
): Promise<Pick<FailedRow, 'rowId' | 'publicationId' | 'retryAt'>[]> {
  const ofPublication = publicationId === undefined ? sql`` : sql`and publication_id = ${publicationId}`;
  return db.many(sql`
    select row_id, publication_id, retry_at
      from failed_rows
     where operation = ${operation}
       ${ofPublication}
  `);
}

/** Those of one operation whose time to be tried again has come. */
export function listFailedToRetry(
  db: Db | Tx,
  operation: FailedOperation,
  now: Date,
): Promise<Pick<FailedRow, 'rowId' | 'publicationId'>[]> {
  return db.many(sql`
    select row_id, publication_id
      from failed_rows
     where operation = ${operation}
       and retry_at <= ${now}
  `);
}

/** Tried again one minute after the first failure, then twice as long each time, up to an hour. */
export function insertFailedRow(
  db: Db | Tx,
  operation: FailedOperation,
  { kind, rowId, publicationId, code, retries = true }: NewFailedRow,
  now: Date,
): Promise<FailedRow> {
  return db.one(sql`
    insert into failed_rows (operation, kind, row_id, publication_id, code, failing_since, failed_at, retry_at)
    values (${operation}, ${kind}, ${rowId}, ${publicationId}, ${code}, ${now}, ${now},
            case when ${retries}::boolean then ${now}::timestamptz + interval '1 minute' end)
    on conflict (operation, row_id) do update
       set code = excluded.code,
           failures = failed_rows.failures + 1,
           failed_at = excluded.failed_at,
           retry_at = case when excluded.retry_at is not null then excluded.failed_at
             + least(interval '1 hour', interval '1 minute' * power(2, least(failed_rows.failures, 10))) end
    returning ${failedRowColumns}
  `);
}

/** They were processed, or are gone. */
export function deleteFailedRows(
  db: Db | Tx,
  operation: FailedOperation,
  rowIds: readonly string[],
): Promise<number> {
  return db.run(sql`
    delete from failed_rows
     where operation = ${operation}
       and row_id = any(${[...rowIds]}::uuid[])
  `);
}

/** All of a publication are tried again with the next run of their jobs. */
export function retryFailedRowsNow(db: Db | Tx, publicationId: string, now: Date): Promise<number> {
  return db.run(sql`
    update failed_rows
       set retry_at = ${now}
     where publication_id = ${publicationId}
       and retry_at > ${now}
  `);
}

/** Those that nothing has tried again for so long: what they were about is over. */
export function deleteOldFailedRows(db: Db | Tx, before: Date): Promise<number> {
  return db.run(sql`
    delete from failed_rows
     where failed_at < ${before}
  `);
}
