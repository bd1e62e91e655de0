import { byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { publicationFinder } from '../../platform/db/publication-finder.js';
import { raw, sql, type Sql } from '../../platform/db/sql.js';
import type { CadenceSettings } from '../subscription.js';
import type { Import, ImportFile } from './import.js';
import type { Here, RowStatus } from './judge-row.js';

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

/** Those on which a worker should be at work. */
export function listImportsAtWork(db: Db | Tx): Promise<{ id: string }[]> {
  return db.many(sql`
    select id
      from imports
     where state in ('checking', 'adding', 'undoing')
     order by id
  `);
}

export function listFiles(db: Db | Tx, importId: string): Promise<ImportFile[]> {
  return db.many<ImportFile>(sql`
    select import_id, number, name, bytes, is_complete, columns, preview
      from import_files
     where import_id = ${importId}
     order by number
  `);
}

export function findFile(db: Db | Tx, importId: string, number: number): Promise<ImportFile | undefined> {
  return db.maybe<ImportFile>(sql`
    select import_id, number, name, bytes, is_complete, columns, preview
      from import_files
     where import_id = ${importId}
       and number = ${number}
  `);
}

export function findPart(
  db: Db | Tx,
  { importId, number }: Pick<ImportFile, 'importId' | 'number'>,
  part: number,
): Promise<{ bytes: Buffer } | undefined> {
  return db.maybe(sql`
    select bytes
      from import_file_parts
     where import_id = ${importId}
       and file = ${number}
       and number = ${part}
  `);
}

export type ImportMistake = { file: number; line: number; mistake: string; cells: string[] };

/** The next that could not be read, in the order of the files. */
export function listMistakes(
  db: Db | Tx,
  importId: string,
  { after, limit }: { after: Pick<ImportMistake, 'file' | 'line'> | undefined; limit: number },
): Promise<ImportMistake[]> {
  const { file, line } = after ?? { file: -1, line: -1 };
  return db.many<ImportMistake>(sql`
    select file, line, mistake, cells
      from import_mistakes
     where import_id = ${importId}
       and (file, line) > (${file}, ${line})
     order by file, line
     limit ${limit}
  `);
}

/** A row of an import with what is known here of its address. */
export type JudgedRow = {
  addressHash: Buffer;
  subscriptionId: string | null;
  row: { status: RowStatus; leftAt: Date | null };
  here: Here;
};

/** The next rows in the order of their hashes. Each address is looked up by itself, which asks for no statistics of these tables. */
export async function listNextRows(
  db: Db | Tx,
  { id, publicationId }: Pick<Import, 'id' | 'publicationId'>,
  { after, limit }: { after: Buffer | null; limit: number },
): Promise<JudgedRow[]> {
  const rows = await db.many<{
    addressHash: Buffer;
    rowStatus: RowStatus;
    leftAt: Date | null;
    subscriptionId: string | null;
    status: Here['status'];
    confirmedAt: Date | null;
    isSuppressed: boolean;
  }>(sql`
    select r.address_hash, r.status as row_status, r.left_at, s.id as subscription_id, s.status,
           case when s.status in ('added', 'confirmed', 'paused') then ${ownConfirmation} end as confirmed_at,
           exists (select from suppressions x
                    where x.address_hash = any(array[r.address_hash, r.domain_hash])
                      and (x.publication_id is null or x.publication_id = ${publicationId})) as is_suppressed
      from (select address_hash, domain_hash, email_key, status, left_at
              from import_rows
             where import_id = ${id}
               ${after === null ? sql`` : sql`and address_hash > ${after}`}
             order by address_hash
             limit ${limit}) as r
      left join lateral (select p.id from subscribers p where p.email_key = r.email_key limit 1) as p on true
      left join lateral (select s.id, s.status, s.confirmed_at
                           from subscriptions s
                          where s.subscriber_id = p.id
                            and s.publication_id = ${publicationId}
                          limit 1) as s on true
     order by r.address_hash
  `);
  return rows.map(({ addressHash, rowStatus, leftAt, subscriptionId, ...here }) => {
    return { addressHash, subscriptionId, row: { status: rowStatus, leftAt }, here };
  });
}

/** When the subscription `s` was confirmed here by the reader herself last; null: she was brought, and has not. */
const ownConfirmation = sql`
  coalesce((select max(c.created_at)
              from consents c
             where c.subscription_id = s.id
               and c.kind = 'confirmed'
               and c.taken_back_at is null),
           case when not exists (select from imported_readers i where i.subscription_id = s.id) then s.confirmed_at end)`;

/** Rows of some addresses. */
export const rowsOf = (importId: string, hashes: readonly Buffer[]): Sql => sql`
  select r.*
    from import_rows r
   where r.import_id = ${importId}
     and r.address_hash = any(${byteaArrayLiteral(hashes)}::bytea[])`;

/** What links of the old product name readers by, of rows whose readers are here now. */
export function listOldNames(
  db: Db | Tx,
  { id, publicationId }: Pick<Import, 'id' | 'publicationId'>,
  hashes: readonly Buffer[],
): Promise<{ subscriptionId: string; email: string; oldId: string | null; oldKey: string | null }[]> {
  return db.many(sql`
    select s.id as subscription_id, r.email, r.old_id, r.old_key
      from (${rowsOf(id, hashes)}) as r
      join subscribers p on p.email_key = r.email_key
      join subscriptions s on s.subscriber_id = p.id and s.publication_id = ${publicationId}
     where num_nonnulls(r.old_id, r.old_key) > 0
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
       and (exists (select from imported_readers r where r.import_id = imports.id and r.started_at is null)
            or exists (select from import_asks a where a.import_id = imports.id))
     order by start_at, id
  `);
}

/** Readers whose turn it is, locked. Who left or confirmed by herself meanwhile is none of them. */
export function lockReadersToStart(
  tx: Tx,
  importId: string,
  limit: number,
): Promise<({ id: string } & CadenceSettings)[]> {
  return tx.many(sql`
    select s.id, s.cadence, s.hour, s.weekday, s.day_of_month, s.timezone
      from imported_readers r
      join subscriptions s on s.id = r.subscription_id
     where r.import_id = ${importId}
       and r.started_at is null
       and s.status = 'added'
     order by r.subscription_id
     limit ${limit}
       for update of s
  `);
}

/** Of the readers whose mailing was started: how many were mailed, and to how many of them mail bounced. */
export function countBounces(db: Db | Tx, importId: string): Promise<{ mailed: number; bounced: number }> {
  return db.one(sql`
    select count(*) filter (where r.first_digest_id is not null)::integer as mailed,
           count(*) filter (where l.bounced_at >= r.started_at)::integer as bounced
      from imported_readers r
      join listed_readers l on l.subscription_id = r.subscription_id and l.publication_id = (select publication_id from imports where id = ${importId})
     where r.import_id = ${importId}
       and r.started_at is not null
  `);
}

/** The next who are to be asked, in the order of their hashes, locked. */
export function lockAsks(
  tx: Tx,
  importId: string,
  limit: number,
): Promise<{ addressHash: Buffer; email: string; locale: string | null; timezone: string | null }[]> {
  return tx.many(sql`
    select address_hash, email, locale, timezone
      from import_asks
     where import_id = ${importId}
     order by address_hash
     limit ${limit}
       for update skip locked
  `);
}

/** A reader who was brought, and what has become of her since. */
export type BroughtReader = {
  subscriptionId: string;
  wasPending: boolean;
  status: string;
  /** A digest was sent to her. */
  wasMailed: boolean;
  /** She, or an operator, changed something after she was brought. */
  wasTouched: boolean;
};

/** The next who may be taken back, by their ids, locked. */
export function lockBrought(
  tx: Tx,
  importId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<BroughtReader[]> {
  return tx.many(sql`
    select r.subscription_id, r.was_pending, s.status,
           exists (select from deliveries d where d.subscription_id = s.id) as was_mailed,
           s.status not in ('added', 'confirmed')
             or exists (select from consents c where c.subscription_id = s.id and c.kind <> 'imported' and c.created_at >= r.imported_at)
             or exists (select from activity a where a.subject_id = s.id and a.created_at >= r.imported_at) as was_touched
      from imported_readers r
      join subscriptions s on s.id = r.subscription_id
     where r.import_id = ${importId}
       ${after === null ? sql`` : sql`and r.subscription_id > ${after}`}
     order by r.subscription_id
     limit ${limit}
       for update of s
  `);
}
