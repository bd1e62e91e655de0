import type { Tx } from '../platform/db/database.js';
import { join, raw, sql } from '../platform/db/sql.js';
import type { CheckKind, CheckResults } from './check.js';
import type { NewPublication, SettingsChange } from './publication.js';

/** 0 when the slug is taken. @param liveAt null: it is being set up */
export function insertPublication(
  tx: Tx,
  id: string,
  settings: NewPublication,
  { now, liveAt }: { now: Date; liveAt: Date | null },
): Promise<number> {
  const entries = Object.entries({ fromName: settings.name, ...settings });
  return tx.run(sql`
    insert into publications (id, ${columnList(entries.map(([name]) => name))}, created_at, live_at)
    values (${id}, ${join(entries.map(([, value]) => value))}, ${now}, ${liveAt})
    on conflict (slug) do nothing
  `);
}

/** Reserves a slug for good. Undefined: another publication has it, or had it. */
export async function reserveSlug(
  tx: Tx,
  slug: string,
  publicationId: string,
): Promise<{ publicationId: string } | undefined> {
  await tx.run(sql`
    insert into publication_slugs (slug, publication_id)
    values (${slug}, ${publicationId})
    on conflict (slug) do nothing
  `);
  return tx.maybe<{ publicationId: string }>(sql`
    select publication_id
      from publication_slugs
     where slug = ${slug}
       and publication_id = ${publicationId}
  `);
}

export function updateSettings(tx: Tx, id: string, settings: SettingsChange): Promise<number> {
  const assignments = Object.entries(settings).map(([name, value]) => sql`${columnList([name])} = ${value}`);
  return tx.run(sql`
    update publications
       set ${join(assignments)}
     where id = ${id}
  `);
}

/** Takes the publication's row, so that numbers are given one release at a time. */
export function lockSequence(
  tx: Tx,
  id: string,
): Promise<{ lastSeq: number; archivedAt: Date | null } | undefined> {
  return tx.maybe(sql`
    select last_seq, archived_at
      from publications
     where id = ${id}
       for update
  `);
}

/** Reads the newest number and keeps releases out until the transaction ends. */
export function lockSequenceForShare(tx: Tx, id: string): Promise<{ lastSeq: number }> {
  return tx.one(sql`
    select last_seq
      from publications
     where id = ${id}
       for share
  `);
}

export function advanceSequence(tx: Tx, id: string, lastSeq: number): Promise<number> {
  return tx.run(sql`
    update publications
       set last_seq = ${lastSeq}
     where id = ${id}
       and last_seq < ${lastSeq}
  `);
}

export function advanceInstantPlanned(tx: Tx, id: string, seq: number): Promise<number> {
  return tx.run(sql`
    update publications
       set instant_planned_seq = ${seq}
     where id = ${id}
       and instant_planned_seq < ${seq}
  `);
}

/** Setting names come from a strict schema, so these are our own column names and nobody's text. */
function columnList(names: string[]) {
  return raw(names.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)).join(', '));
}

/**
 * From now on it sends digests. 0: it is live already, or archived.
 * @param sendsReleased whether readers still get what was released before, as far as it is above their watermarks
 */
export function markLive(
  tx: Tx,
  id: string,
  { sendsReleased, now }: { sendsReleased: boolean; now: Date },
): Promise<number> {
  return tx.run(sql`
    update publications
       set live_at = ${now},
           live_after_seq = case when ${sendsReleased} then live_after_seq else last_seq end,
           instant_planned_seq = case when ${sendsReleased} then instant_planned_seq else last_seq end
     where id = ${id}
       and live_at is null
       and archived_at is null
  `);
}

export function markArchived(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update publications
       set archived_at = ${now}
     where id = ${id}
       and archived_at is null
  `);
}

/** Of each kind the newest is kept. */
export function recordCheck<Kind extends CheckKind>(
  tx: Tx,
  publicationId: string,
  { kind, result }: { kind: Kind; result: CheckResults[Kind] },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into publication_checks (publication_id, kind, result, checked_at)
    values (${publicationId}, ${kind}, ${JSON.stringify(result)}, ${now})
    on conflict (publication_id, kind) do update
       set result = excluded.result,
           checked_at = excluded.checked_at
  `);
}
