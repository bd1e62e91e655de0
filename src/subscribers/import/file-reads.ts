import { byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql, type Sql } from '../../platform/db/sql.js';
import type { Import, ImportFile } from './import.js';
import type { Here, RowStatus } from './judge-row.js';

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
