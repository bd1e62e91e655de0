import type { Actor } from '../../platform/actor.js';
import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { SUPPRESSION_STRENGTH } from './reads.js';
import type { FileMistake } from './suppression-file.js';

export function insertFile(
  tx: Tx,
  { publicationId, note, actor }: { publicationId: string | null; note: string; actor: Actor },
  now: Date,
): Promise<{ id: string }> {
  return tx.one(sql`
    insert into suppression_files (publication_id, note, state, actor_kind, actor_id, created_at)
    values (${publicationId}, ${note}, 'reading', ${actor.kind}, ${'id' in actor ? actor.id : null}, ${now})
    returning id
  `);
}

/** Addresses that stand in it twice are there once. */
export function insertFileRows(
  tx: Tx,
  fileId: string,
  rows: readonly { addressHash: Buffer; domain: string | null; line: number }[],
): Promise<number> {
  return tx.run(sql`
    insert into suppression_file_rows (file_id, address_hash, domain, line)
    select ${fileId}::uuid, r.address_hash, r.domain, r.line
      from unnest(${byteaArrayLiteral(rows.map(({ addressHash }) => addressHash))}::bytea[],
                  ${arrayLiteral(rows.map(({ domain }) => domain))}::text[],
                  ${arrayLiteral(rows.map(({ line }) => line))}::integer[]) as r (address_hash, domain, line)
        on conflict (file_id, address_hash) do nothing
  `);
}

export function insertMistakes(tx: Tx, fileId: string, mistakes: readonly FileMistake[]): Promise<number> {
  return tx.run(sql`
    insert into suppression_file_mistakes (file_id, line, mistake)
    select ${fileId}::uuid, m.line, m.mistake
      from unnest(${arrayLiteral(mistakes.map(({ line }) => line))}::integer[],
                  ${arrayLiteral(mistakes.map(({ mistake }) => mistake))}::text[]) as m (line, mistake)
        on conflict (file_id, line) do nothing
  `);
}

/** reading -> ready, with what was found; those whose address an operator has suppressed already are done. */
export async function markRead(
  tx: Tx,
  fileId: string,
  { lines, unreadable }: { lines: number; unreadable: number },
): Promise<void> {
  await tx.run(sql`
    update suppression_file_rows r
       set is_done = true
      from suppression_files f
      join suppressions s on s.publication_id is not distinct from f.publication_id
     where f.id = ${fileId}
       and r.file_id = f.id
       and s.address_hash = r.address_hash
       and s.reason = 'operator'
  `);
  await tx.run(sql`
    update suppression_files f
       set state = 'ready',
           lines = ${lines},
           unreadable = ${unreadable},
           found = counted.found,
           domains = counted.domains,
           present = counted.present
      from (select count(*)::integer as found, count(domain)::integer as domains,
                   count(*) filter (where is_done)::integer as present
              from suppression_file_rows
             where file_id = ${fileId}) as counted
     where f.id = ${fileId}
       and f.state = 'reading'
  `);
}

/** ready -> running; false where it is not ready. */
export async function markFileRunning(tx: Tx, fileId: string): Promise<boolean> {
  const moved = await tx.run(sql`
    update suppression_files
       set state = 'running'
     where id = ${fileId}
       and state = 'ready'
  `);
  return moved === 1;
}

/** running -> done, where nothing is left; undefined where something is, or it was done before. */
export function markFileDone(
  tx: Tx,
  fileId: string,
  now: Date,
): Promise<{ added: number; present: number; unreadable: number } | undefined> {
  return tx.maybe(sql`
    update suppression_files f
       set state = 'done',
           finished_at = ${now}
     where id = ${fileId}
       and state = 'running'
       and not exists (select from suppression_file_rows r where r.file_id = f.id and not r.is_done)
    returning added, present, unreadable
  `);
}

/**
 * Suppresses the next few addresses of a file that is being added, and says why of each. A stronger reason there is none; one that an
 * operator gave meanwhile stays.
 * @returns how many rows were worked on; 0: nothing is left, or the file is not being added
 */
export async function suppressFileRows(tx: Tx, fileId: string, limit: number, now: Date): Promise<number> {
  const { rows } = await tx.one<{ rows: number }>(sql`
    with next as (
      select r.file_id, r.address_hash, r.domain, f.publication_id, f.note
        from suppression_files f
        join suppression_file_rows r on r.file_id = f.id and not r.is_done
       where f.id = ${fileId}
         and f.state = 'running'
       order by r.address_hash
       limit ${limit}
         for no key update of r skip locked
    ), added as (
      insert into suppressions (address_hash, domain, publication_id, reason, source, created_at)
      select address_hash, domain, publication_id, 'operator', 'file', ${now}::timestamptz
        from next
       order by address_hash
          on conflict (address_hash, publication_id) do update
             set reason = excluded.reason,
                 source = excluded.source,
                 created_at = excluded.created_at
           where array_position(${[...SUPPRESSION_STRENGTH]}::text[], suppressions.reason)
                 < array_position(${[...SUPPRESSION_STRENGTH]}::text[], excluded.reason)
      returning address_hash, publication_id
    ), said as (
      insert into suppression_changes (address_hash, publication_id, reason, change, changed_by, note, created_at)
      select a.address_hash, a.publication_id, 'operator', 'added', 'operator', n.note, ${now}
        from added a
        join next n using (address_hash)
    ), done as (
      update suppression_file_rows r
         set is_done = true
        from next n
       where r.file_id = n.file_id
         and r.address_hash = n.address_hash
    ), counted as (
      update suppression_files
         set added = suppression_files.added + (select count(*) from added),
             present = present + (select count(*) from next) - (select count(*) from added)
       where id = ${fileId}
         and exists (select from next)
    )
    select count(*)::integer as rows
      from next
  `);
  return rows;
}

/** Also what was left while it was read. @param id undefined: those that are older */
export function deleteFiles(tx: Tx, { id, before }: { id?: string; before?: Date }): Promise<number> {
  return tx.run(sql`
    delete from suppression_files
     where (id = ${id ?? null} and state = 'reading')
        or (created_at < ${before ?? null} and state <> 'running')
  `);
}
