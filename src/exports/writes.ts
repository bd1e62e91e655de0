import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { NewExport } from './export.js';

export function insertExport(
  tx: Tx,
  { publicationId, format, filter, suppressionKey }: NewExport,
  now: Date,
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into exports (publication_id, format, filter, suppression_key, created_at)
    values (${publicationId}, ${format}, ${JSON.stringify(filter)}::jsonb,
            ${suppressionKey === null ? null : JSON.stringify(suppressionKey)}::jsonb, ${now})
    returning id
  `);
}

export function deleteExportsBefore(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`delete from exports where created_at < ${before}`);
}

/** A file may be read again: then it begins anew. */
export function setProgress(db: Db | Tx, id: string, readers: number): Promise<number> {
  return db.run(sql`
    update exports
       set state = 'running', readers = ${readers}, finished_at = null
     where id = ${id}
  `);
}

export function setEnd(db: Db | Tx, id: string, state: 'done' | 'broken-off', now: Date): Promise<number> {
  return db.run(sql`
    update exports
       set state = ${state}, finished_at = ${now}
     where id = ${id}
  `);
}
