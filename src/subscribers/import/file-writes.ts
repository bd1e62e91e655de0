import { arrayLiteral, byteaArrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { ImportFile, ImportPreview } from './import.js';
import { ROW_STRENGTH, type RowStatus } from './judge-row.js';
import type { ImportMistake } from './file-reads.js';

/** @returns its number, the next of the import */
export function insertFile(tx: Tx, importId: string, name: string): Promise<{ number: number }> {
  return tx.one(sql`
    insert into import_files (import_id, number, name)
    select ${importId}::uuid, coalesce(max(number), 0) + 1, ${name}::text
      from import_files
     where import_id = ${importId}
    returning number
  `);
}

export async function insertPart(
  tx: Tx,
  { importId, number }: Pick<ImportFile, 'importId' | 'number'>,
  part: { number: number; bytes: Buffer },
): Promise<void> {
  await tx.run(sql`
    insert into import_file_parts (import_id, file, number, bytes)
    values (${importId}, ${number}, ${part.number}, ${part.bytes})
  `);
  await tx.run(sql`
    update import_files
       set bytes = bytes + ${part.bytes.length}
     where import_id = ${importId}
       and number = ${number}
  `);
}

export function markFileComplete(
  tx: Tx,
  { importId, number }: Pick<ImportFile, 'importId' | 'number'>,
  found: { columns: string[] | null; preview: ImportPreview | null },
): Promise<number> {
  return tx.run(sql`
    update import_files
       set is_complete = true,
           columns = ${found.columns},
           preview = ${found.preview === null ? null : JSON.stringify(found.preview)}::jsonb
     where import_id = ${importId}
       and number = ${number}
  `);
}

export function updateColumns(tx: Tx, importId: string, number: number, columns: string[]): Promise<number> {
  return tx.run(sql`
    update import_files
       set columns = ${columns}
     where import_id = ${importId}
       and number = ${number}
  `);
}

export function deleteFile(tx: Tx, importId: string, number: number): Promise<number> {
  return tx.run(sql`
    delete from import_files
     where import_id = ${importId}
       and number = ${number}
  `);
}

/** One row of a file. */
export type NewRow = {
  addressHash: Buffer;
  domainHash: Buffer;
  email: string;
  emailKey: string;
  status: RowStatus;
  locale: string | null;
  timezone: string | null;
  cadence: string | null;
  /** A JSON array. */
  topics: string;
  joinedAt: Date | null;
  leftAt: Date | null;
  oldId: string | null;
  oldKey: string | null;
};

/**
 * Stores rows of different addresses. Of an address that stood there before the stronger status stays, with what the files say of when;
 * what she chose is what the first row says.
 * @returns how many addresses stood there before
 */
export async function insertRows(tx: Tx, importId: string, rows: readonly NewRow[]): Promise<number> {
  const strength = raw(`array['${ROW_STRENGTH.join("', '")}']`);
  const { before } = await tx.one<{ before: number }>(sql`
    with stored as (
      insert into import_rows as i (import_id, address_hash, domain_hash, email, email_key, status, locale, timezone, cadence, topics,
                                    joined_at, left_at, old_id, old_key)
      select ${importId}::uuid, r.address_hash, r.domain_hash, r.email, r.email_key, r.status, r.locale, r.timezone, r.cadence,
             array(select jsonb_array_elements_text(r.topics::jsonb)), r.joined_at, r.left_at, r.old_id, r.old_key
        from unnest(${byteaArrayLiteral(rows.map(({ addressHash }) => addressHash))}::bytea[],
                    ${byteaArrayLiteral(rows.map(({ domainHash }) => domainHash))}::bytea[],
                    ${arrayLiteral(rows.map(({ email }) => email))}::text[],
                    ${arrayLiteral(rows.map(({ emailKey }) => emailKey))}::text[],
                    ${arrayLiteral(rows.map(({ status }) => status))}::text[],
                    ${arrayLiteral(rows.map(({ locale }) => locale))}::text[],
                    ${arrayLiteral(rows.map(({ timezone }) => timezone))}::text[],
                    ${arrayLiteral(rows.map(({ cadence }) => cadence))}::text[],
                    ${arrayLiteral(rows.map(({ topics }) => topics))}::text[],
                    ${dateArrayLiteral(rows.map(({ joinedAt }) => joinedAt))}::timestamptz[],
                    ${dateArrayLiteral(rows.map(({ leftAt }) => leftAt))}::timestamptz[],
                    ${arrayLiteral(rows.map(({ oldId }) => oldId))}::text[],
                    ${arrayLiteral(rows.map(({ oldKey }) => oldKey))}::text[])
             as r (address_hash, domain_hash, email, email_key, status, locale, timezone, cadence, topics, joined_at, left_at, old_id, old_key)
          on conflict (import_id, address_hash) do update
             set status = case when array_position(${strength}, excluded.status) > array_position(${strength}, i.status)
                               then excluded.status else i.status end,
                 joined_at = least(i.joined_at, excluded.joined_at),
                 left_at = greatest(i.left_at, excluded.left_at)
      returning (xmax <> 0) as was_there
    )
    select count(*) filter (where was_there)::integer as before
      from stored
  `);
  return before;
}

export function insertMistakes(
  tx: Tx,
  importId: string,
  mistakes: readonly ImportMistake[],
): Promise<number> {
  return tx.run(sql`
    insert into import_mistakes (import_id, file, line, mistake, cells)
    select ${importId}::uuid, m.file, m.line, m.mistake, array(select jsonb_array_elements_text(m.cells::jsonb))
      from unnest(${arrayLiteral(mistakes.map(({ file }) => file))}::smallint[],
                  ${arrayLiteral(mistakes.map(({ line }) => line))}::integer[],
                  ${arrayLiteral(mistakes.map(({ mistake }) => mistake))}::text[],
                  ${arrayLiteral(mistakes.map(({ cells }) => JSON.stringify(cells)))}::text[])
           as m (file, line, mistake, cells)
        on conflict (import_id, file, line) do nothing
  `);
}

/** What an earlier check read. */
export async function deleteReadRows(tx: Tx, importId: string): Promise<void> {
  await tx.run(sql`
    delete from import_rows
     where import_id = ${importId}
  `);
  await tx.run(sql`
    delete from import_mistakes
     where import_id = ${importId}
  `);
}

/** What its files held, once it has been worked on. Lines with mistakes stay. */
export async function deleteContents(tx: Tx, importId: string): Promise<void> {
  await tx.run(sql`
    delete from import_rows
     where import_id = ${importId}
  `);
  await tx.run(sql`
    delete from import_file_parts
     where import_id = ${importId}
  `);
  await tx.run(sql`
    update import_files
       set preview = null
     where import_id = ${importId}
  `);
}

/** Of an address that is erased from a publication. */
export async function deleteRowsOfAddress(
  tx: Tx,
  publicationId: string,
  { addressHash, emailKey }: { addressHash: Buffer; emailKey: string },
): Promise<void> {
  for (const table of ['import_rows', 'import_asks'])
    await tx.run(sql`
      delete from ${raw(table)}
       where address_hash = ${addressHash}
         and import_id in (select id from imports where publication_id = ${publicationId})
    `);
  await tx.run(sql`
    delete from import_mistakes
     where import_id in (select id from imports where publication_id = ${publicationId})
       and exists (select from unnest(cells) as cell where strpos(lower(cell), ${emailKey}) > 0)
  `);
}
