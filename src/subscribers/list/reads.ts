import { arrayLiteral } from '../../platform/db/array-literal.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { join, raw, sql, type Sql } from '../../platform/db/sql.js';
import { foldTopic } from '../../publications/fold-topic.js';
import type { Cadence } from '../../publications/publication.js';
import type { SubscriptionStatus } from '../subscription.js';
import type { ReaderFilter } from './reader-filter.js';

/** Where one row of the list stands: the newest joined first. `joined` is in ISO 8601, to the microsecond. */
export type ReaderPlace = { joined: string; id: string };

/** A reader in the list. */
export type ListedReader = ReaderPlace & {
  email: string;
  status: SubscriptionStatus;
  cadence: Cadence;
  locale: string;
  joinedAt: Date;
  bouncedAt: Date | null;
};

/** Rows on one side of a place; `after` are those further down. */
export type PageStart = { after?: ReaderPlace | undefined; before?: ReaderPlace | undefined; limit: number };

/** Those of a publication who fit a filter, in the order of the list. */
export type ReaderSelection = { publicationId: string; filter: ReaderFilter };

/** `looked`: how many rows were looked at, `matching`: how many of them fit. */
export type FoundRows = { rows: ListedReader[]; looked: number; matching: number };

/**
 * Looks at the next rows of the list only, in its order.
 * @param most how many it looks at
 */
export function searchNext(
  db: Db | Tx,
  selection: ReaderSelection,
  page: PageStart,
  most: number,
): Promise<FoundRows> {
  return found(
    db,
    page,
    sql`
    looked as materialized (
      select ${COLUMNS}
        from listed_readers l
       where ${inOrder(selection)}
         and ${isBeside(page)}
       order by ${orderOf(page)}
       limit ${most}
    ), matching as materialized (
      select * from looked l where ${matches(selection.filter)}
    )`,
  );
}

/** Looks everywhere: for what few rows fit. All of them are found first, by whichever indexes tell most. */
export function searchEverywhere(
  db: Db | Tx,
  selection: ReaderSelection,
  page: PageStart,
): Promise<FoundRows> {
  return found(
    db,
    page,
    sql`
    matching as materialized (
      select ${COLUMNS}
        from listed_readers l
       where ${inOrder(selection)}
         and ${matches(selection.filter)}
         and ${isBeside(page)}
    ), looked as (select from matching)`,
  );
}

const COLUMNS = raw(
  'l.publication_id, l.subscription_id, l.email_key, l.status, l.cadence, l.topics, l.locale, l.source, l.joined_at, l.mailed_month, l.bounced_at',
);

async function found(db: Db | Tx, page: PageStart, search: Sql): Promise<FoundRows> {
  const rows = await db.many<ListedReader & { looked: number; matching: number; isRow: boolean }>(sql`
    with ${search}, shown as (
      select * from matching l order by ${orderOf(page)} limit ${page.limit}
    ), counted as (
      select (select count(*) from looked) as looked, (select count(*) from matching) as matching
    )
    select l.subscription_id as id, p.email, l.status, l.cadence, l.locale, l.joined_at, l.bounced_at,
           to_char(l.joined_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as joined,
           counted.looked, counted.matching, l.subscription_id is not null as is_row
      from counted
      left join (shown l
                 join subscriptions s on s.id = l.subscription_id
                 join subscribers p on p.id = s.subscriber_id) on true
     order by l.joined_at desc, l.subscription_id desc
  `);
  const [first] = rows;
  return {
    rows: rows
      .filter(({ isRow }) => isRow)
      .map(({ id, email, status, cadence, locale, joined, joinedAt, bouncedAt }) => {
        return { id, email, status, cadence, locale, joined, joinedAt, bouncedAt };
      }),
    looked: first?.looked ?? 0,
    matching: first?.matching ?? 0,
  };
}

/** The condition of a statement about those rows of `listed_readers l`. */
export function selectedReaders(selection: ReaderSelection): Sql {
  return sql`${inOrder(selection)} and ${matches(selection.filter)}`;
}

/** What the list's order has an index for. */
function inOrder({ publicationId, filter }: ReaderSelection): Sql {
  const { status, joinedFrom, joinedBefore } = filter;
  const conditions = [sql`l.publication_id = ${publicationId}`];
  conditions.push(status === undefined ? sql`l.status <> 'pending'` : sql`l.status = ${status}`);
  if (joinedFrom !== undefined) conditions.push(sql`l.joined_at >= ${joinedFrom}`);
  if (joinedBefore !== undefined) conditions.push(sql`l.joined_at < ${joinedBefore}`);
  return join(conditions, ' and ');
}

function matches({ address, cadence, topic, locale, source, bounced, mailed }: ReaderFilter): Sql {
  const conditions = [sql`true`];
  if (address !== undefined) {
    const { kind, text } = address;
    const like = escapeLike(text);
    if (kind === 'beginning') conditions.push(sql`l.email_key like ${`${like}%`}`);
    else conditions.push(sql`l.email_key like ${kind === 'domain' ? `%@%${like}%` : `%${like}%`}`);
    if (kind !== 'beginning')
      conditions.push(
        sql`listed_reader_letters(l.email_key) like listed_reader_letters(${`%${escapeLike(tellingPart(text))}%`})`,
      );
  }
  const words = [
    ...(cadence === undefined ? [] : [`cadence ${cadence}`]),
    ...(locale === undefined ? [] : [`language ${locale}`]),
    ...(topic === undefined ? [] : [`topic ${foldTopic(topic)}`]),
  ];
  if (words.length > 0)
    conditions.push(
      sql`listed_reader_words(l.cadence, l.locale, l.topics) @> ${arrayLiteral(words)}::text[]`,
    );
  if (source !== undefined) conditions.push(sql`l.source = ${source}`);
  if (bounced === true) conditions.push(sql`l.bounced_at is not null`);
  if (mailed?.kind === 'never') conditions.push(sql`l.mailed_month is null`);
  if (mailed?.kind === 'since') conditions.push(sql`l.mailed_month >= ${mailed.month}`);
  if (mailed?.kind === 'before') conditions.push(sql`l.mailed_month < ${mailed.month}`);
  return join(conditions, ' and ');
}

/** Letters around the @ that are enough to find few addresses: at most and at least so many before it, and those behind it. */
const TELLING = { most: 6, least: 4, behind: 1 };

/**
 * What of a part of an address the index is asked for: the end of what stands before the @, where enough does. What many addresses
 * share, as a large domain, makes the index slower the more of it there is.
 */
function tellingPart(text: string): string {
  const at = text.indexOf('@');
  if (at < TELLING.least) return text;
  return text.slice(Math.max(0, at - TELLING.most), at + 1 + TELLING.behind);
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

function isBeside({ after, before }: PageStart): Sql {
  if (after !== undefined)
    return sql`(l.joined_at, l.subscription_id) < (${after.joined}::timestamptz, ${after.id}::uuid)`;
  if (before !== undefined)
    return sql`(l.joined_at, l.subscription_id) > (${before.joined}::timestamptz, ${before.id}::uuid)`;
  return sql`true`;
}

function orderOf({ before }: PageStart): Sql {
  return before === undefined
    ? sql`l.joined_at desc, l.subscription_id desc`
    : sql`l.joined_at, l.subscription_id`;
}

/** The languages, or pages of forms, that readers of a publication have: each is looked up in an index, so few rows are read. */
export async function listValues(
  db: Db | Tx,
  publicationId: string,
  column: 'locale' | 'source',
  limit: number,
): Promise<string[]> {
  const name = raw(column);
  const rows = await db.many<{ value: string }>(sql`
    with recursive known as (
      (select ${name} as value
         from listed_readers
        where publication_id = ${publicationId}
          and ${name} is not null
        order by ${name}
        limit 1)
       union all
      select (select ${name}
                from listed_readers
               where publication_id = ${publicationId}
                 and ${name} > known.value
               order by ${name}
               limit 1)
        from known
       where known.value is not null
    )
    select value
      from known
     where value is not null
     limit ${limit}
  `);
  return rows.map(({ value }) => value);
}

/** A reader with what she chose, for a file. */
export type ExportedReader = {
  id: string;
  email: string;
  status: SubscriptionStatus;
  cadence: Cadence;
  hour: number;
  weekday: number;
  dayOfMonth: number;
  timezone: string;
  topics: string[];
  locale: string;
  source: string | null;
  joinedAt: Date;
  pausedUntil: Date | null;
  unsubscribedAt: Date | null;
  bouncedAt: Date | null;
};

/** The next of those who fit, by their ids. */
export function listToExport(
  db: Db | Tx,
  selection: ReaderSelection,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<ExportedReader[]> {
  return db.many<ExportedReader>(sql`
    select s.id, p.email, s.status, s.cadence, s.hour, s.weekday, s.day_of_month, s.timezone, s.topics, s.locale, l.source,
           l.joined_at, s.paused_until, s.unsubscribed_at, l.bounced_at
      from (select l.subscription_id, l.source, l.joined_at, l.bounced_at
              from listed_readers l
             where ${selectedReaders(selection)}
               ${after === undefined ? sql`` : sql`and l.subscription_id > ${after}`}
             order by l.subscription_id
             limit ${limit}) as l
      join subscriptions s on s.id = l.subscription_id
      join subscribers p on p.id = s.subscriber_id
     order by l.subscription_id
  `);
}
