import type { Db, Tx } from '../../platform/db/database.js';
import { publicationFinder } from '../../platform/db/publication-finder.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Import } from './import.js';

const selectImports = raw(`
    select id, publication_id, product, product_name, state, consent, statement, cadence, timezone, date_order, asks_per_hour, problem,
           problem_file, problem_line, found, done, start_at, starts_per_day, started, start_stopped, actor_kind, actor_id, created_at,
           checked_at, added_at, undone_at
      from imports`);

export function findImport(db: Db | Tx, id: string): Promise<Import | undefined> {
  return db.maybe<Import>(sql`
    ${selectImports}
     where id = ${id}
  `);
}

/** Locked until the transaction ends: one worker at a time works on an import. */
export function lockImport(tx: Tx, id: string): Promise<(Import & { position: Buffer | null }) | undefined> {
  return tx.maybe(sql`
    select i.*
      from imports i
     where id = ${id}
       for no key update
  `);
}

/** The publication of an import. */
export const findImportPublication = publicationFinder('imports');

/** The newest first. @param before the id of the last one that was seen */
export function listImports(
  db: Db | Tx,
  publicationIds: readonly string[],
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Import[]> {
  return db.many<Import>(sql`
    ${selectImports}
     where publication_id = any(${[...publicationIds]}::uuid[])
       ${before === undefined ? sql`` : sql`and id < ${before}`}
     order by id desc
     limit ${limit}
  `);
}

/** Whether another one of the publication adds or takes back readers. */
export async function isAnotherAtWork(
  db: Db | Tx,
  { id, publicationId }: Pick<Import, 'id' | 'publicationId'>,
): Promise<boolean> {
  const { isAtWork } = await db.one<{ isAtWork: boolean }>(sql`
    select exists (select from imports
                    where publication_id = ${publicationId}
                      and id <> ${id}
                      and state in ('adding', 'undoing')) as is_at_work
  `);
  return isAtWork;
}

/** Those on which a worker should be at work. */
export function listImportsAtWork(db: Db | Tx): Promise<{ id: string }[]> {
  return db.many(sql`
    select id
      from imports
     where state in ('checking', 'adding', 'undoing')
     order by id
  `);
}

/** Imports of which readers may be started, or asked, now. */
export function listImportsToStart(db: Db | Tx, now: Date): Promise<Import[]> {
  return db.many<Import>(sql`
    ${selectImports}
     where state = 'added'
       and start_at <= ${now}
       and start_stopped is null
       and exists (select from publications p where p.id = imports.publication_id and p.archived_at is null)
       and (exists (select from imported_readers r
                      join subscriptions s on s.id = r.subscription_id
                     where r.import_id = imports.id
                       and r.started_at is null
                       and s.status = 'added')
            or exists (select from import_asks a where a.import_id = imports.id))
     order by start_at, id
  `);
}
