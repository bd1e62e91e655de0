import type { Actor } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import {
  IMPORT_TRANSITIONS,
  type Import,
  type ImportCounts,
  type ImportOperation,
  type ImportState,
  type UndoCounts,
} from './import.js';

export type NewImport = Pick<Import, 'publicationId' | 'product' | 'productName' | 'cadence' | 'timezone'>;

export function insertImport(tx: Tx, row: NewImport, actor: Actor, now: Date): Promise<{ id: string }> {
  return tx.one(sql`
    insert into imports (publication_id, product, product_name, state, consent, cadence, timezone, actor_kind, actor_id, created_at)
    values (${row.publicationId}, ${row.product}, ${row.productName}, 'open', 'mail', ${row.cadence}, ${row.timezone},
            ${actor.kind}, ${'id' in actor ? actor.id : null}, ${now})
    returning id
  `);
}

export type ImportAnswers = Pick<
  Import,
  'product' | 'productName' | 'consent' | 'statement' | 'cadence' | 'timezone' | 'dateOrder' | 'asksPerHour'
>;

/** What an operator says of it; numbers of an earlier check are no longer true. False: it is past that. */
export async function updateAnswers(tx: Tx, id: string, answers: ImportAnswers): Promise<boolean> {
  const changed = await tx.run(sql`
    update imports
       set product = ${answers.product},
           product_name = ${answers.productName},
           consent = ${answers.consent},
           statement = ${answers.statement},
           cadence = ${answers.cadence},
           timezone = ${answers.timezone},
           date_order = ${answers.dateOrder},
           asks_per_hour = ${answers.asksPerHour},
           state = 'open',
           found = null
     where id = ${id}
       and state in ('open', 'checked')
  `);
  return changed === 1;
}

/**
 * Moves it, where it is in a state from which this leads on; undefined otherwise.
 * @param actor who ordered it, as history will have it
 */
export function moveImport(
  tx: Tx,
  id: string,
  { by, to }: { by: ImportOperation; to: ImportState },
  actor?: Actor,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    update imports
       set state = ${to},
           actor_kind = coalesce(${actor?.kind ?? null}, actor_kind),
           actor_id = case when ${actor === undefined} then actor_id else ${actor !== undefined && 'id' in actor ? actor.id : null}::uuid end,
           position = null,
           problem = null,
           problem_file = null,
           problem_line = null
     where id = ${id}
       and state = any(${statesBefore(IMPORT_TRANSITIONS, by)}::text[])
       and state <> ${to}
    returning id
  `);
}

export function recordProblem(
  tx: Tx,
  id: string,
  { problem, file, line }: { problem: string; file: number | null; line: number | null },
): Promise<number> {
  return tx.run(sql`
    update imports
       set problem = ${problem},
           problem_file = ${file},
           problem_line = ${line}
     where id = ${id}
  `);
}

export function markChecked(tx: Tx, id: string, found: ImportCounts, now: Date): Promise<number> {
  return tx.run(sql`
    update imports
       set state = 'checked',
           found = ${JSON.stringify(found)},
           checked_at = ${now}
     where id = ${id}
       and state = 'checking'
  `);
}

export function recordProgress(
  tx: Tx,
  id: string,
  { position, done }: { position: Buffer | null; done: ImportCounts & UndoCounts },
): Promise<number> {
  return tx.run(sql`
    update imports
       set position = ${position},
           done = ${JSON.stringify(done)}
     where id = ${id}
  `);
}

/** adding -> added, or undoing -> undone. */
export function markFinished(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update imports
       set state = case state when 'adding' then 'added' else 'undone' end,
           added_at = case state when 'adding' then ${now}::timestamptz else added_at end,
           undone_at = case state when 'undoing' then ${now}::timestamptz end,
           position = null
     where id = ${id}
       and state in ('adding', 'undoing')
  `);
}

export function addStarted(tx: Tx, id: string, count: number): Promise<number> {
  return tx.run(sql`
    update imports
       set started = started + ${count}
     where id = ${id}
  `);
}

/** False: it was started before, is being undone, or was never added. */
export async function setStart(
  tx: Tx,
  id: string,
  { startAt, startsPerDay }: { startAt: Date; startsPerDay: number | null },
): Promise<boolean> {
  const changed = await tx.run(sql`
    update imports
       set start_at = ${startAt},
           starts_per_day = ${startsPerDay},
           start_stopped = null
     where id = ${id}
       and state = 'added'
       and (start_at is null or start_stopped is not null or started = 0)
  `);
  return changed === 1;
}

/** False: it has not been started, or is stopped already. */
export async function stopStarting(tx: Tx, id: string, why: 'bounces' | 'operator'): Promise<boolean> {
  const changed = await tx.run(sql`
    update imports
       set start_stopped = ${why}
     where id = ${id}
       and start_at is not null
       and start_stopped is null
  `);
  return changed === 1;
}

/** Imports that were left unfinished, with their files; and the lines with mistakes of those that are over. */
export async function deleteOldContents(tx: Tx, before: Date): Promise<void> {
  await tx.run(sql`
    delete from imports
     where state in ('open', 'checked')
       and created_at < ${before}
  `);
  await tx.run(sql`
    delete from import_mistakes m
     using imports i
     where i.id = m.import_id
       and i.state in ('added', 'undone')
       and i.created_at < ${before}
  `);
}
