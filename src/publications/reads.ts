import type { Db, Tx } from '../platform/db/database.js';
import { arrayLiteral } from '../platform/db/array-literal.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Check, CheckKind, WorseCheck } from './check.js';
import type { Publication } from './publication.js';

const publicationColumns = raw(`
  id, number, slug, name, site_url, from_name, from_address, notice_address, reply_to, postal_address, contact, locale,
  timezone, default_cadence, hour, weekday, day_of_month, topics, never_email_categories, hold_minutes, content_mode, approval, unapproved_words, archive, accent,
  form_lists, evidence_days, privacy_url, logo, welcome_text, subject_template, signed_by, server_selector, last_seq, instant_planned_seq, created_at,
  archived_at, live_at,
  coalesce((select s.slug from publication_slugs s where s.publication_id = publications.id order by s.number limit 1),
           slug) as first_slug
`);

/** Archived ones too: their unsubscribe links work for ever. */
export function findPublication(db: Db | Tx, id: string): Promise<Publication | undefined> {
  return db.maybe<Publication>(sql`
    select ${publicationColumns}
      from publications
     where id = ${id}
  `);
}

/** Its row, locked until the transaction ends: releases go on, other changes of its settings wait. */
export function lockPublication(tx: Tx, id: string): Promise<Publication | undefined> {
  return tx.maybe<Publication>(sql`
    select ${publicationColumns}
      from publications
     where id = ${id}
       for no key update
  `);
}

/** By its number. */
export function findPublicationByNumber(db: Db | Tx, number: number): Promise<Publication | undefined> {
  return db.maybe<Publication>(sql`
    select ${publicationColumns}
      from publications
     where number = ${number}
  `);
}

/** By its present slug; an earlier one leads on to that. */
export function findPublicationBySlug(db: Db | Tx, slug: string): Promise<Publication | undefined> {
  return db.maybe<Publication>(sql`
    select ${publicationColumns}
      from publications
     where slug = ${slug}
  `);
}

/** By its present slug or an earlier one. */
export function findPublicationByAnySlug(db: Db | Tx, slug: string): Promise<Publication | undefined> {
  return db.maybe<Publication>(sql`
    select ${publicationColumns}
      from publications
     where slug = ${slug}
        or id = (select publication_id from publication_slugs where slug = ${slug})
  `);
}

/** One of these publications, by its present slug or an earlier one. */
export function findPublicationAmongBySlug(
  db: Db | Tx,
  ids: readonly string[],
  slug: string,
): Promise<{ id: string } | undefined> {
  return db.maybe<{ id: string }>(sql`
    select id
      from publications
     where (slug = ${slug} or id = (select publication_id from publication_slugs where slug = ${slug}))
       and id = any(${arrayLiteral(ids)}::uuid[])
  `);
}

/** Of all publications, archived ones too. */
export async function listPublicationIds(db: Db | Tx): Promise<string[]> {
  const rows = await db.many<{ id: string }>(sql`
    select id
      from publications
  `);
  return rows.map(({ id }) => id);
}

/** Those that still publish, oldest first. */
export function listPublications(db: Db | Tx): Promise<Publication[]> {
  return db.many<Publication>(sql`
    select ${publicationColumns}
      from publications
     where archived_at is null
     order by created_at, id
  `);
}

/** Publications with released articles that their instant readers have not been planned for. */
export function listPublicationsBehindOnInstant(db: Db | Tx): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select id
      from publications
     where instant_planned_seq < last_seq
       and archived_at is null
       and live_at is not null
  `);
}

/** One page, newest first; ids sort by time. */
export function listPublicationsPage(
  db: Db | Tx,
  where: { ids: readonly string[]; before: string | undefined; limit: number },
): Promise<Publication[]> {
  const { ids, before, limit } = where;
  const older = before === undefined ? sql`` : sql`and id < ${before}`;
  return db.many<Publication>(sql`
    select ${publicationColumns}
      from publications
     where id = any(${arrayLiteral(ids)}::uuid[])
       ${older}
     order by id desc
     limit ${limit}
  `);
}

/** What was found the last time; undefined: nobody has looked. */
export function findCheck<Kind extends CheckKind>(
  db: Db | Tx,
  publicationId: string,
  kind: Kind,
): Promise<Check<Kind> | undefined> {
  return db.maybe<Check<Kind>>(sql`
    select result, checked_at
      from publication_checks
     where publication_id = ${publicationId}
       and kind = ${kind}
  `);
}

/** Newsletters whose sender's DNS was right and is not any more. */
export function listWorseDns(
  db: Db | Tx,
): Promise<{ publicationId: string; worse: WorseCheck[]; checkedAt: Date }[]> {
  return db.many(sql`
    select c.publication_id, c.result -> 'worse' as worse, c.checked_at
      from publication_checks c
      join publications p on p.id = c.publication_id
     where c.kind = 'dns'
       and jsonb_array_length(coalesce(c.result -> 'worse', '[]')) > 0
       and p.archived_at is null
     order by c.publication_id
  `);
}

/** Every slug that a publication has or had, the first one first. */
export function listSlugs(db: Db | Tx, publicationId: string): Promise<{ slug: string }[]> {
  return db.many<{ slug: string }>(sql`
    select slug
      from publication_slugs
     where publication_id = ${publicationId}
     order by number
  `);
}
