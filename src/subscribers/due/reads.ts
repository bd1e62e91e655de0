import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql, type Sql } from '../../platform/db/sql.js';
import type { Cadence } from '../../publications/publication.js';
import { isCatchingUp } from '../reads.js';
import type { Reader } from '../subscription.js';

const selectReaders = raw(`
    select s.id, s.publication_id, s.locale, s.format, s.without_pictures, s.cadence, s.hour, s.weekday, s.day_of_month, s.timezone, s.topics,
           s.watermark, ${isCatchingUp} as is_catching_up, s.at_most_daily, s.next_due_at
      from subscriptions s`);

/** The next `limit` readers after an id, in id order, whose watermark is below an article number. */
export type ReadersBehind = { publicationId: string; seq: number; after: string; limit: number };

function selectReadersBehind(where: ReadersBehind): Sql {
  return sql`
    ${selectReaders}
     where s.publication_id = ${where.publicationId}
       and s.status = 'confirmed'
       and s.watermark < ${where.seq}
       and s.id > ${where.after}
     order by s.id
     limit ${where.limit}`;
}

/** The next readers of a publication whose articles may be due, locked, in id order: one chunk of a planning pass. */
export function lockReadersBehind(tx: Tx, where: ReadersBehind): Promise<Reader[]> {
  return tx.many<Reader>(sql`
    ${selectReadersBehind(where)}
       for update
  `);
}

/** Instant readers of a publication whose watermark is below an article number, locked, in id order. */
export function lockInstantReadersBehind(tx: Tx, where: ReadersBehind): Promise<Reader[]> {
  return tx.many<Reader>(sql`
    ${selectReaders}
     where s.publication_id = ${where.publicationId}
       and s.cadence = 'instant'
       and s.status = 'confirmed'
       and s.watermark < ${where.seq}
       and s.id > ${where.after}
     order by s.id
     limit ${where.limit}
       for update
  `);
}

/** `except`: cadences of publications whose digest waits, so that their readers are not due yet. */
type DueBy = { now: Date; except: readonly { publicationId: string; cadence: Cadence }[] };

const isExcluded = (except: DueBy['except']) => sql`
  (s.publication_id, s.cadence) in (select *
                                      from unnest(${except.map(({ publicationId }) => publicationId)}::uuid[],
                                                  ${except.map(({ cadence }) => cadence)}::text[]))`;

/** Publications some of whose readers are due. */
export function listPublicationsWithReadersDue(db: Db | Tx, now: Date): Promise<{ publicationId: string }[]> {
  return db.many(sql`
    select distinct publication_id
      from subscriptions
     where status = 'confirmed'
       and next_due_at <= ${now}
     order by publication_id
  `);
}

/** Ids of due readers of any publication, those who have waited longest first. */
export async function listReadersDue(db: Db | Tx, { now, except }: DueBy, limit: number): Promise<string[]> {
  const rows = await db.many<{ id: string }>(sql`
    select s.id
      from subscriptions s
     where s.status = 'confirmed'
       and s.next_due_at <= ${now}
       and not ${isExcluded(except)}
     order by s.next_due_at
     limit ${limit}
  `);
  return rows.map(({ id }) => id);
}

/** `coalesce` keeps Postgres from using the index of due readers, whose statistics may be a day old: ids find the rows. */
const isDue = ({ now, except }: DueBy) => sql`
  s.status = 'confirmed' and coalesce(s.next_due_at <= ${now}, false) and not ${isExcluded(except)}`;

/** Those of these readers who are still due, locked, in id order, but for rows that another planner has locked. */
export function lockReadersDue(tx: Tx, ids: string[], due: DueBy): Promise<Reader[]> {
  return tx.many<Reader>(sql`
    ${selectReaders}
     where s.id = any(${ids}::uuid[])
       and ${isDue(due)}
     order by s.id
       for update skip locked
  `);
}

/** The next due readers of any publication after an id, locked, in id order, but for rows that another planner has locked. */
export function lockReadersDueAfter(tx: Tx, after: string, due: DueBy, limit: number): Promise<Reader[]> {
  return tx.many<Reader>(sql`
    ${selectReaders}
     where s.id > ${after}
       and ${isDue(due)}
     order by s.id
     limit ${limit}
       for update skip locked
  `);
}

/** Readers who are due only after this, locked. */
export function lockReadersDueLate(tx: Tx, after: Date, limit: number): Promise<Reader[]> {
  return tx.many<Reader>(sql`
    ${selectReaders}
     where s.status = 'confirmed'
       and s.next_due_at > ${after}
     order by s.next_due_at desc
     limit ${limit}
       for update
  `);
}

/** Like `lockReadersBehind` without locks, for forecasts. */
export function listReadersBehind(db: Db | Tx, where: ReadersBehind): Promise<Reader[]> {
  return db.many<Reader>(sql`
    ${selectReadersBehind(where)}
  `);
}

/** Readers of one rhythm and time zone who are due at the same moment. */
export type DueMoment = {
  cadence: 'daily' | 'weekly' | 'monthly';
  timezone: string;
  dueAt: Date;
  readers: number;
};

/** When confirmed readers are due. @param limit so many of them are looked at; undefined: all */
export function countDueMoments(
  db: Db | Tx,
  publicationId: string,
  limit: number | undefined,
): Promise<DueMoment[]> {
  const atMost = limit === undefined ? sql`` : sql`limit ${limit}`;
  return db.many<DueMoment>(sql`
    select cadence, timezone, next_due_at as due_at, count(*)::integer as readers
      from (select cadence, timezone, next_due_at
              from subscriptions
             where publication_id = ${publicationId}
               and status = 'confirmed'
               and cadence <> 'instant'
               and next_due_at is not null
             ${atMost}) as due
     group by cadence, timezone, next_due_at
  `);
}
