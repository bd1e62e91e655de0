import { pushArticle, type PushedArticle } from '../../src/articles/ingest/push-article.js';
import { releaseDueArticles } from '../../src/articles/release/release-due.js';
import { takeOverJournals } from '../../src/deliveries/batches/take-over.js';
import type { Db } from '../../src/platform/db/database.js';
import { raw, sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { findSubscription } from '../../src/subscribers/reads.js';
import { nextDueAt } from '../../src/subscribers/due/next-due.js';
import type { Subscription } from '../../src/subscribers/subscription.js';
import type { TestApp } from './test-app.js';

export type ReaderSettings = Partial<
  Pick<
    Subscription,
    'status' | 'locale' | 'cadence' | 'hour' | 'weekday' | 'dayOfMonth' | 'timezone' | 'topics' | 'watermark'
  >
>;

/**
 * The application as it was when it was opened, but for its clock: much quicker than opening another. Transports stay,
 * because workers know them by id.
 */
export async function resetTestApp({ context, smtp }: TestApp): Promise<void> {
  await deleteAllRows(context.db);
  smtp.setScript(() => undefined);
  smtp.dropConnections();
  smtp.messages.length = 0;
  smtp.commands.length = 0;
}

/** TRUNCATE gives each table and index a new file, which takes thirty times as long as deleting a test's few rows. */
async function deleteAllRows(db: Db): Promise<void> {
  const tables = await db.many<{ name: string; sequence: string | null }>(sql`
    select quote_ident(relname) as name, pg_get_serial_sequence(quote_ident(relname), attname) as sequence
      from pg_class
      left join pg_attribute on attrelid = pg_class.oid and attidentity <> ''
     where relnamespace = 'public'::regnamespace and relkind = 'r'
       and relname not in ('migrations', 'wrapped_keys', 'transports')
  `);
  const deletes = tables.map(({ name }) => `delete from ${name}`);
  const restarts = tables.flatMap(({ sequence }) =>
    sequence === null ? [] : [`setval('${sequence}', 1, false)`],
  );
  await db.transaction(async (tx) => {
    // Without checks of foreign keys: in the end there are no rows that could refer to others.
    await tx.run(sql`set local session_replication_role = replica`);
    await tx.run(
      raw(
        `with ${deletes.map((statement, at) => `d${at} as (${statement})`).join(', ')} select ${restarts.join(', ')}`,
      ),
    );
  });
}

/** One confirmed reader, due at her next hour like any other; `settings` make her different. */
export async function addReader(
  testApp: TestApp,
  publication: Publication,
  email: string,
  settings: ReaderSettings = {},
): Promise<Subscription> {
  const [reader] = await addReaders(testApp, publication, [email], settings);
  if (reader === undefined) throw new Error('The reader was not added');
  return reader;
}

/** Many at once, in the order of their addresses: the rows of confirmed readers, without mails and consents. */
export async function addReaders(
  testApp: TestApp,
  publication: Publication,
  emails: readonly string[],
  settings: ReaderSettings = {},
): Promise<Subscription[]> {
  const { db, now } = testApp.context;
  const reader = { ...readerDefaults(publication), ...settings };
  const added = await db.many<{ id: string }>(sql`
    with people as (
      insert into subscribers (email, email_key, created_at)
      select email, lower(email), ${now()}::timestamptz from unnest(${emails}::text[]) as email
      returning id
    )
    insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                               timezone, topics, watermark, next_due_at, created_at, confirmed_at, unsubscribed_at)
    select ${publication.id}, id, ${reader.status}, ${reader.locale}, ${reader.cadence}, ${reader.hour}::smallint,
           ${reader.weekday}::smallint, ${reader.dayOfMonth}::smallint, ${reader.timezone}, ${reader.topics}::text[], ${reader.watermark}::bigint,
           ${nextDueAt(reader, now())}::timestamptz, ${now()}::timestamptz,
           ${reader.status === 'pending' ? null : now()}::timestamptz,
           ${reader.status === 'unsubscribed' ? now() : null}::timestamptz
      from people
    returning id
  `);
  const readers: Subscription[] = [];
  for (const { id } of added) readers.push(await reloadReader(testApp, { id }));
  const place = new Map(emails.map((email, at) => [email, at]));
  return readers.toSorted((a, b) => (place.get(a.email) ?? 0) - (place.get(b.email) ?? 0));
}

/** reader-1@example.com, reader-2@example.com and so on. */
export function readerAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `reader-${at + 1}@example.com`);
}

/** Publishes and releases articles, in this order, which enqueues `plan-instant`. Answers their ids. */
export async function addArticles(
  { context }: TestApp,
  publication: Publication,
  ...articles: (string | PushedArticle)[]
): Promise<string[]> {
  const ids: string[] = [];
  for (const article of articles) {
    const pushed = await pushArticle(
      context,
      publication,
      typeof article === 'string' ? articleTitled(article) : { summary: 'Told in full.', ...article },
    );
    if (pushed.kind === 'known') throw new Error('The article was known');
    await releaseDueArticles(context, publication.id);
    ids.push(pushed.id);
  }
  return ids;
}

export async function reloadReader({ context }: TestApp, { id }: { id: string }): Promise<Subscription> {
  const reader = await findSubscription(context.db, id);
  if (reader === undefined) throw new Error('The reader is gone');
  return reader;
}

/** Moves the clock on, takes over what dead workers left, sweeps, and runs the jobs that are due. */
export async function advanceAndRunJobs(testApp: TestApp, milliseconds: number): Promise<void> {
  testApp.advanceClock(milliseconds);
  await takeOverJournals(testApp.context);
  await testApp.handlers.sweep({});
  await testApp.runDueJobs();
}

function readerDefaults(publication: Publication) {
  const { locale, defaultCadence: cadence, hour, weekday, dayOfMonth, timezone } = publication;
  return {
    status: 'confirmed' as const,
    ...{ locale, cadence, hour, weekday, dayOfMonth, timezone },
    topics: [],
    watermark: publication.lastSeq,
  };
}

function articleTitled(title: string): PushedArticle {
  const path = encodeURIComponent(title.toLowerCase());
  return { title, url: `https://lantern.example/${path}`, content: `<p>${title}, told in full.</p>` };
}
