import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql, type Sql } from '../../platform/db/sql.js';
import type { Cadence } from '../../publications/publication.js';
import { isCatchingUp } from '../reads.js';
import type { Reader } from '../subscription.js';

const selectReaders = raw(`
    select s.id, s.publication_id, s.locale, s.format, s.without_pictures, s.cadence, s.hour, s.weekday, s.day_of_month, s.timezone, s.topics,
           s.watermark, ${isCatchingUp} as is_catching_up, s.at_most_daily, s.next_due_at
      from subscriptions s`);

/**
 * The next `limit` readers after an id, in id order, whose watermark is below an article number. `upTo`: the last id that is looked
 * at. Without it all are, where nobody is behind.
 */
export type ReadersBehind = {
  publicationId: string;
  seq: number;
  after: string;
  upTo?: string | undefined;
  limit: number;
};

function selectReadersBehind(where: ReadersBehind): Sql {
  const until = where.upTo === undefined ? sql`` : sql`and s.id <= ${where.upTo}`;
  return sql`
    ${selectReaders}
     where s.publication_id = ${where.publicationId}
       and s.status = 'confirmed'
       and s.watermark < ${where.seq}
       and s.id > ${where.after}
       ${until}
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

/** The id of a publication's subscription with this number in id order, whatever its state; undefined: it has no more than that. */
export async function findSubscriptionAt(
  db: Db | Tx,
  publicationId: string,
  number: number,
): Promise<string | undefined> {
  // A second row says that there are more.
  const [last, next] = await db.many<{ id: string }>(sql`
    select id
      from subscriptions
     where publication_id = ${publicationId}
     order by id
    offset ${number - 1}
     limit 2
  `);
  return next && last?.id;
}

/** Whether there are at most so many subscriptions, of any publication, from one id to another. */
export async function areFewBetween(
  db: Db | Tx,
  { first, last, most }: { first: string; last: string; most: number },
): Promise<boolean> {
  const { few } = await db.one<{ few: boolean }>(sql`
    select count(*) <= ${most} as few
      from (select
              from subscriptions
             where id between ${first} and ${last}
             limit ${most + 1}) as between_them
  `);
  return few;
}

/** Readers of one rhythm and time zone who are due at the same moment. */
export type DueMoment = {
  cadence: 'daily' | 'weekly' | 'monthly';
  timezone: string;
  dueAt: Date;
  readers: number;
};

/** When confirmed readers are due: all of them are counted. */
export function countDueMoments(db: Db | Tx, publicationId: string): Promise<DueMoment[]> {
  return db.many<DueMoment>(sql`
    select cadence, timezone, next_due_at as due_at, count(*)::integer as readers
      from subscriptions
     where publication_id = ${publicationId}
       and status = 'confirmed'
       and cadence <> 'instant'
       and next_due_at is not null
     group by cadence, timezone, next_due_at
  `);
}
