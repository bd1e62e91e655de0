import type { Actor } from '../../platform/actor.js';
import { arrayLiteral, byteaArrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { Publication } from '../../publications/publication.js';
import { SUBSCRIPTION_TRANSITIONS } from '../transitions.js';
import {
  IMPORT_TRANSITIONS,
  type Import,
  type ImportCounts,
  type ImportFile,
  type ImportOperation,
  type ImportPreview,
  type ImportState,
  type UndoCounts,
} from './import.js';
import { ROW_STRENGTH, type RowStatus } from './judge-row.js';
import { rowsOf, type ImportMistake } from './reads.js';

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

/** @returns its number; a file of this name that was not complete is begun anew */
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

type Home = Pick<Publication, 'id' | 'locale' | 'hour' | 'weekday' | 'dayOfMonth'>;
type Brought = { id: string; hashes: readonly Buffer[]; wordingVersion: string };

/** Addresses that are not here yet. */
export function insertPeople(
  tx: Tx,
  importId: string,
  hashes: readonly Buffer[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into subscribers (email, email_key, created_at, address_hash)
    select r.email, r.email_key, ${now}::timestamptz, r.address_hash
      from (${rowsOf(importId, hashes)}) as r
     order by r.email_key
        on conflict (email_key) do nothing
  `);
}

/**
 * Adds readers who agreed elsewhere, with that as their consent. Nothing is mailed to them before they are started.
 * @returns how many; fewer where one signed up in between
 */
export function insertBrought(
  tx: Tx,
  { id: importId, hashes, wordingVersion }: Brought,
  publication: Home,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    with rows as materialized (
      select uuidv7() as id, r.*, p.id as subscriber_id, i.product_name, i.cadence as usual_cadence, i.timezone as usual_timezone
        from (${rowsOf(importId, hashes)}) as r
        join imports i on i.id = r.import_id
        join subscribers p on p.email_key = r.email_key
    ), added as (
      insert into subscriptions (id, publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone, topics,
                                 created_at, confirmed_at)
      select id, ${publication.id}::uuid, subscriber_id, 'added', coalesce(locale, ${publication.locale}),
             coalesce(cadence, usual_cadence), ${publication.hour}::smallint, ${publication.weekday}::smallint,
             ${publication.dayOfMonth}::smallint, coalesce(timezone, usual_timezone), topics, ${now}::timestamptz,
             coalesce(joined_at, ${now}::timestamptz)
        from rows
          on conflict (subscriber_id, publication_id) do nothing
      returning id
    ), noted as (
      insert into imported_readers (subscription_id, import_id, joined_at, imported_at)
      select id, import_id, joined_at, ${now}::timestamptz
        from rows
        join added using (id)
    ), consented as (
      insert into consents (subscription_id, kind, wording_version, source, requested_at, created_at)
      select id, 'imported', ${wordingVersion}, product_name, joined_at, ${now}::timestamptz
        from rows
        join added using (id)
    )
    select id
      from added
  `);
}

/** Who was asked here, has not confirmed, and agreed elsewhere. */
export function markBrought(
  tx: Tx,
  { id: importId, hashes, wordingVersion }: Brought,
  publicationId: string,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    with rows as materialized (
      select s.id, r.joined_at, r.cadence, r.topics, i.product_name
        from (${rowsOf(importId, hashes)}) as r
        join imports i on i.id = r.import_id
        join subscribers p on p.email_key = r.email_key
        join subscriptions s on s.subscriber_id = p.id and s.publication_id = ${publicationId}
    ), moved as (
      update subscriptions s
         set status = 'added',
             confirmed_at = coalesce(rows.joined_at, ${now}::timestamptz),
             cadence = coalesce(rows.cadence, s.cadence),
             topics = rows.topics
        from rows
       where s.id = rows.id
         and s.status = 'pending'
      returning s.id
    ), noted as (
      insert into imported_readers as i (subscription_id, import_id, was_pending, joined_at, imported_at)
      select id, ${importId}::uuid, true, joined_at, ${now}::timestamptz
        from rows
        join moved using (id)
          on conflict (subscription_id) do update
             set import_id = excluded.import_id,
                 was_pending = true,
                 joined_at = excluded.joined_at,
                 imported_at = excluded.imported_at,
                 started_at = null,
                 first_digest_id = null
    ), consented as (
      insert into consents (subscription_id, kind, wording_version, source, requested_at, created_at)
      select id, 'imported', ${wordingVersion}, product_name, joined_at, ${now}::timestamptz
        from rows
        join moved using (id)
    )
    select id
      from moved
  `);
}

/** Who left elsewhere comes in as who has left: a form here asks her to confirm, and no later file brings her back. */
export function insertLeft(
  tx: Tx,
  { id: importId, hashes }: Pick<Brought, 'id' | 'hashes'>,
  publication: Home,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    with rows as materialized (
      select uuidv7() as id, r.*, p.id as subscriber_id, i.product_name, i.cadence as usual_cadence, i.timezone as usual_timezone,
             least(coalesce(r.left_at, ${now}::timestamptz), ${now}::timestamptz) as ended_at
        from (${rowsOf(importId, hashes)}) as r
        join imports i on i.id = r.import_id
        join subscribers p on p.email_key = r.email_key
    ), added as (
      insert into subscriptions (id, publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone, topics,
                                 created_at, confirmed_at, unsubscribed_at)
      select id, ${publication.id}::uuid, subscriber_id, 'unsubscribed', coalesce(locale, ${publication.locale}),
             coalesce(cadence, usual_cadence), ${publication.hour}::smallint, ${publication.weekday}::smallint,
             ${publication.dayOfMonth}::smallint, coalesce(timezone, usual_timezone), topics, ${now}::timestamptz,
             least(coalesce(joined_at, ended_at), ended_at), ended_at
        from rows
          on conflict (subscriber_id, publication_id) do nothing
      returning id
    ), noted as (
      insert into consents (subscription_id, kind, source, created_at)
      select id, 'unsubscribed', product_name, ended_at
        from rows
        join added using (id)
    )
    select id
      from added
  `);
}

/** Nobody of these is mailed here: they were not reached, complained or were blocked elsewhere. What is stronger stays. */
export function insertSuppressions(
  tx: Tx,
  importId: string,
  hashes: readonly Buffer[],
  publicationId: string,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into suppressions (address_hash, publication_id, reason, source, created_at)
    select r.address_hash, ${publicationId}::uuid,
           case r.status when 'bounced' then 'bounced' when 'complained' then 'complained' else 'operator' end,
           'import', ${now}::timestamptz
      from (${rowsOf(importId, hashes)}) as r
     order by r.address_hash
        on conflict (address_hash, publication_id) do nothing
  `);
}

/** They are asked later, a few at a time. */
export function insertAsks(tx: Tx, importId: string, hashes: readonly Buffer[]): Promise<number> {
  return tx.run(sql`
    insert into import_asks (import_id, address_hash, email, locale, timezone)
    select r.import_id, r.address_hash, r.email, r.locale, coalesce(r.timezone, i.timezone)
      from (${rowsOf(importId, hashes)}) as r
      join imports i on i.id = r.import_id
        on conflict (import_id, address_hash) do nothing
  `);
}

export function deleteAsks(tx: Tx, importId: string, hashes: readonly Buffer[]): Promise<number> {
  return tx.run(sql`
    delete from import_asks
     where import_id = ${importId}
       and address_hash = any(${byteaArrayLiteral(hashes)}::bytea[])
  `);
}

/** Who was not asked yet is not asked any more. */
export function deleteImportAsks(tx: Tx, importId: string): Promise<number> {
  return tx.run(sql`
    delete from import_asks
     where import_id = ${importId}
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

/** added -> confirmed: from what is out now on. */
export async function markStarted(
  tx: Tx,
  importId: string,
  readers: readonly { id: string; nextDueAt: Date | null }[],
  watermark: number,
  now: Date,
): Promise<number> {
  const ids = arrayLiteral(readers.map(({ id }) => id));
  const started = await tx.run(sql`
    update subscriptions s
       set status = 'confirmed',
           watermark = ${watermark},
           next_due_at = r.next_due_at
      from unnest(${ids}::uuid[], ${dateArrayLiteral(readers.map(({ nextDueAt }) => nextDueAt))}::timestamptz[]) as r (id, next_due_at)
     where s.id = r.id
       and s.status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'start')}::text[])
  `);
  await tx.run(sql`
    update imported_readers
       set started_at = ${now}
     where subscription_id = any(${ids}::uuid[])
  `);
  await tx.run(sql`
    update imports
       set started = started + ${started}
     where id = ${importId}
  `);
  return started;
}

export function setFirstDigest(tx: Tx, digestId: string, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    update imported_readers
       set first_digest_id = ${digestId}
     where subscription_id = any(${arrayLiteral(ids)}::uuid[])
       and first_digest_id is null
  `);
}

/** Back to who was asked and has not confirmed. */
export function markPendingAgain(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    update subscriptions
       set status = 'pending',
           confirmed_at = null,
           next_due_at = null
     where id = any(${arrayLiteral(ids)}::uuid[])
       and status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'undo-import')}::text[])
  `);
}

/** As if they had never been brought: nobody has mailed them. @returns their subscribers */
export async function deleteBrought(tx: Tx, ids: readonly string[]): Promise<{ subscriberId: string }[]> {
  await deleteImportedConsents(tx, ids);
  return tx.many(sql`
    delete from subscriptions
     where id = any(${arrayLiteral(ids)}::uuid[])
       and status in ('added', 'confirmed')
    returning subscriber_id
  `);
}

export function deleteImportedConsents(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    delete from consents
     where subscription_id = any(${arrayLiteral(ids)}::uuid[])
       and kind = 'imported'
  `);
}

export function deleteImportedReaders(tx: Tx, ids: readonly string[]): Promise<number> {
  return tx.run(sql`
    delete from imported_readers
     where subscription_id = any(${arrayLiteral(ids)}::uuid[])
  `);
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
