import { pushArticle, type PushedArticle } from '../../src/articles/ingest/push-article.js';
import { releaseDueArticles } from '../../src/articles/release/release-due.js';
import { takeOverJournals } from '../../src/deliveries/batches/take-over.js';
import type { DeliveryState } from '../../src/deliveries/delivery.js';
import type { SkipReason } from '../../src/deliveries/skip-reason.js';
import type { DigestCadence } from '../../src/digests/digest.js';
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

/** The application as it was when it was opened, but for its clock: much quicker than opening another. Workers know their servers by id. */
export async function resetTestApp({ context, smtp }: TestApp): Promise<void> {
  const tables = await context.db.many<{ name: string }>(sql`
    select tablename as name from pg_tables
     where schemaname = 'public' and tablename not in ('migrations', 'wrapped_keys', 'transports')
  `);
  await context.db.run(
    sql`truncate ${raw(tables.map(({ name }) => `"${name}"`).join(', '))} restart identity`,
  );
  smtp.setScript(() => undefined);
  smtp.dropConnections();
  smtp.messages.length = 0;
  smtp.commands.length = 0;
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

/** Many at once, in the order of their addresses: rows as confirming leaves them, without mails and consents. */
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
                               timezone, topics, watermark, next_due_at, created_at, confirmed_at)
    select ${publication.id}, id, ${reader.status}, ${reader.locale}, ${reader.cadence}, ${reader.hour}::smallint,
           ${reader.weekday}::smallint, ${reader.dayOfMonth}::smallint, ${reader.timezone}, ${reader.topics}::text[], ${reader.watermark}::bigint,
           ${nextDueAt(reader, now())}::timestamptz, ${now()}::timestamptz,
           ${reader.status === 'pending' ? null : now()}::timestamptz
      from people
    returning id
  `);
  const readers: Subscription[] = [];
  for (const { id } of added) readers.push(await reloadReader(testApp, { id }));
  const place = new Map(emails.map((email, at) => [email, at]));
  return readers.toSorted((a, b) => (place.get(a.email) ?? 0) - (place.get(b.email) ?? 0));
}

/** Addresses of a crowd: reader-1@example.com and so on. */
export function readerAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `reader-${at + 1}@example.com`);
}

/** Publishes and releases articles, in this order. Answers their ids; `plan-instant` is promised. */
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

/** Every delivery with what a person would say of it, in the order it was planned. */
export type DeliveryRow = {
  digestId: string;
  subscriptionId: string;
  email: string;
  cadence: DigestCadence;
  period: string;
  titles: string[];
  batch: number;
  state: DeliveryState;
  attempt: number;
  skipReason: SkipReason | null;
  answer: string | null;
  nextAttemptAt: Date | null;
  updatedAt: Date;
};

export function listDeliveries({ context }: TestApp): Promise<DeliveryRow[]> {
  return context.db.many<DeliveryRow>(sql`
    select d.digest_id, d.subscription_id, p.email, g.cadence, g.period, d.batch, d.state, d.attempt, d.skip_reason,
           d.answer, d.next_attempt_at, d.updated_at,
           array(select a.title
                   from unnest(v.article_ids) with ordinality as listed (id, place)
                   join articles a on a.id = listed.id
                  order by listed.place) as titles
      from deliveries d
      join digests g on g.id = d.digest_id
      join variants v on v.id = d.variant_id
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
     order by g.id, d.batch, p.email_key
  `);
}

/** What each delivery is, in one line: `ada@example.com daily 2026-11-22: Harbour, Storm`. */
export async function describePlan(testApp: TestApp): Promise<string[]> {
  const deliveries = await listDeliveries(testApp);
  return deliveries.map(
    ({ email, cadence, period, titles }) =>
      `${email} ${cadence} ${cadence === 'operator' ? '' : period}: ${titles.join(', ')}`,
  );
}

/** Time passes, what dead workers left is taken over, the sweep comes round, and everything that is due then is done. */
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
