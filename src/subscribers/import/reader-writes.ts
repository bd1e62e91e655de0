import { arrayLiteral, byteaArrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql, type Sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { Publication } from '../../publications/publication.js';
import type { SubscriptionStatus } from '../subscription.js';
import { SUBSCRIPTION_TRANSITIONS } from '../transitions.js';
import { rowsOf } from './file-reads.js';
import { addStarted } from './writes.js';

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
  const times = {
    confirmedAt: sql`coalesce(joined_at, ${now}::timestamptz)`,
    endedAt: sql`null::timestamptz`,
  };
  return tx.run(sql`
    with rows as materialized (
      ${newRows(importId, hashes, now)}
    ), changed as (
      ${newSubscriptions('added', publication, times, now)}
    ), noted as (
      insert into imported_readers (subscription_id, import_id, joined_at, imported_at)
      select id, import_id, joined_at, ${now}::timestamptz
        from rows
        join changed using (id)
    ), consented as (
      ${importedConsents(wordingVersion, now)}
    )
    select id
      from changed
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
    ), changed as (
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
        join changed using (id)
          on conflict (subscription_id) do update
             set import_id = excluded.import_id,
                 was_pending = true,
                 joined_at = excluded.joined_at,
                 imported_at = excluded.imported_at,
                 started_at = null,
                 first_digest_id = null
    ), consented as (
      ${importedConsents(wordingVersion, now)}
    )
    select id
      from changed
  `);
}

/** Who left elsewhere comes in as who has left: a form here asks her to confirm, and no later file brings her back. */
export function insertLeft(
  tx: Tx,
  { id: importId, hashes }: Pick<Brought, 'id' | 'hashes'>,
  publication: Home,
  now: Date,
): Promise<number> {
  const times = { confirmedAt: sql`least(coalesce(joined_at, ended_at), ended_at)`, endedAt: sql`ended_at` };
  return tx.run(sql`
    with rows as materialized (
      ${newRows(importId, hashes, now)}
    ), changed as (
      ${newSubscriptions('unsubscribed', publication, times, now)}
    ), noted as (
      insert into consents (subscription_id, kind, source, created_at)
      select id, 'unsubscribed', product_name, ended_at
        from rows
        join changed using (id)
    )
    select id
      from changed
  `);
}

/** Rows of files with the person of each, and the id that her subscription will have. */
const newRows = (importId: string, hashes: readonly Buffer[], now: Date): Sql => sql`
  select uuidv7() as id, r.*, p.id as subscriber_id, i.product_name, i.cadence as usual_cadence, i.timezone as usual_timezone,
         least(coalesce(r.left_at, ${now}::timestamptz), ${now}::timestamptz) as ended_at
    from (${rowsOf(importId, hashes)}) as r
    join imports i on i.id = r.import_id
    join subscribers p on p.email_key = r.email_key`;

/** Subscriptions of `rows`, where there is none; answers their ids. */
const newSubscriptions = (
  status: SubscriptionStatus,
  { id, locale, hour, weekday, dayOfMonth }: Home,
  { confirmedAt, endedAt }: { confirmedAt: Sql; endedAt: Sql },
  now: Date,
): Sql => sql`
  insert into subscriptions (id, publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone, topics,
                             created_at, confirmed_at, unsubscribed_at)
  select id, ${id}::uuid, subscriber_id, ${status}, coalesce(locale, ${locale}), coalesce(cadence, usual_cadence), ${hour}::smallint,
         ${weekday}::smallint, ${dayOfMonth}::smallint, coalesce(timezone, usual_timezone), topics, ${now}::timestamptz, ${confirmedAt},
         ${endedAt}
    from rows
      on conflict (subscriber_id, publication_id) do nothing
  returning id`;

/** The consents of those of `rows` who are in `changed`. */
const importedConsents = (wordingVersion: string, now: Date): Sql => sql`
  insert into consents (subscription_id, kind, wording_version, source, requested_at, created_at)
  select id, 'imported', ${wordingVersion}, product_name, joined_at, ${now}::timestamptz
    from rows
    join changed using (id)`;

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
  await addStarted(tx, importId, started);
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
